"""Helpers of a training: tests/two_tower/test_parallel.py has real processes, here is what they are given."""

from dataclasses import dataclass
from unittest.mock import _Call, patch

from recommendations.joint_training import join_training
from recommendations.models import ModelVersion, TrainingRun
from recommendations.run_queue import create_run
from recommendations.training import execute_run
from recommendations.two_tower import train as two_towers
from recommendations.two_tower.checkpoint import fingerprint
from recommendations.two_tower.parallel import Workers
from tests import world


@dataclass(frozen=True)
class Told(Workers):
    """A process that is told to train along a run, and does so alone."""

    run: int = 0

    def text(self, text: str) -> str:
        return str(self.run)


def given(call: _Call) -> tuple[object, ...]:
    data, config = call.args
    told = call.kwargs
    base = told["warm_start"].checksum if told["warm_start"] else ""
    return fingerprint(data, config, told["seed"], base), told["checkpoint_dir"]


def test_who_helps_trains_on_the_same_and_keeps_nothing(live: ModelVersion) -> None:
    run = create_run(seed=5, warm_start=True, config={"epochs": 1})
    with patch.object(two_towers, "train", autospec=True, side_effect=two_towers.train) as trained:
        execute_run(run)
        rows = TrainingRun.objects.values().get()
        world.add_rating()  # of after the run's start: not for those who help it
        join_training(Told(run=run.pk))
    leading, helping = trained.call_args_list
    assert given(leading) == given(helping)
    assert TrainingRun.objects.values().get() == rows
    assert ModelVersion.objects.count() == 2  # the live one, and that of the leading process


def test_a_full_training_follows_where_a_warm_start_was_impossible(live: ModelVersion) -> None:
    run = create_run(config=world.QUICK_CONFIG | {"width": 8, "heads": 2, "epochs": 1}, warm_start=True)
    numbers = iter([1, None])  # of the version to go on from, each time that the leading process calls

    class Twice(Told):
        def text(self, text: str) -> str:
            TrainingRun.objects.filter(pk=run.pk).update(base_version=next(numbers))
            return str(run.pk)

    join_training(Twice())
    assert next(numbers, "both calls were heard") == "both calls were heard"
