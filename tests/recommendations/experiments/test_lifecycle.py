"""An experiment from its start to its end, and what it forbids meanwhile."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from pytest_django import Settings

from catalog.models import Movie
from recommendations import promotion, vector_index
from recommendations.experiments import ending, lifecycle
from recommendations.experiments.ending import ExperimentEnded, stop
from recommendations.experiments.lifecycle import (
    ExperimentRefused,
    change_share,
    check_share,
    prepare,
    promote_challenger,
    start_experiment,
    watch_experiment,
)
from recommendations.experiments.models import Experiment
from recommendations.index_building import BUILDING
from recommendations.index_sync import find_drift, repair_challenger, sync_changes
from recommendations.leases import LeaseTaken, lease
from recommendations.live_model import live_model, model_beside
from recommendations.models import ModelVersion
from recommendations.promotion import PromotionRefused
from recommendations.retention import remove_old_versions
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests import world
from tests.recommendations.experiments.conftest import run


def drift_of(experiment: Experiment) -> object:
    return find_drift(model_beside(experiment.challenger_collection))


def test_it_runs_once_the_challengers_collection_is_built_beside_the_live_one(
    challenger: ModelVersion,
) -> None:
    experiment = start_experiment(challenger, share=Decimal(10), started_by="Ada")
    assert (experiment.state, experiment.control, experiment.challenger) == ("preparing", 1, 2)
    prepare(experiment)
    assert (experiment.state, experiment.collection) == ("running", "movies_v2")
    assert vector_index.live_collection() == Collection("movies_v1", 1)
    assert not drift_of(experiment)


@pytest.mark.parametrize(
    ("mode", "share"),
    [("ab", "0"), ("ab", "100"), ("shadow", "100.01"), ("ab", "NaN"), ("shadow", "Infinity")],
)
def test_an_impossible_share_is_refused(mode: str, share: str) -> None:
    with pytest.raises(ExperimentRefused, match="share"):
        check_share(mode, Decimal(share))


def test_the_live_version_cannot_challenge_itself(live: ModelVersion) -> None:
    with pytest.raises(ExperimentRefused, match="is live"):
        start_experiment(live, share=Decimal(50))


def test_there_is_one_at_a_time(running: Experiment) -> None:
    with pytest.raises(ExperimentRefused, match="comes first"):
        start_experiment(world.register_version(3), share=Decimal(50))
    assert Experiment.objects.versions_in_use() == {1, 2}
    stop(running)
    assert Experiment.objects.versions_in_use() == set()
    assert run(ModelVersion.objects.get(number=3)).state == "running"


def test_a_challenger_without_files_fails_with_a_reason(challenger: ModelVersion) -> None:
    experiment = start_experiment(challenger, share=Decimal(50))
    (challenger.folder / "weights.npz").unlink()
    prepare(experiment)
    assert experiment.state == "failed"
    assert "version 2" in experiment.reason
    assert not Experiment.objects.active().exists()


def test_while_milvus_is_away_it_stays_in_preparation_for_some_attempts(challenger: ModelVersion) -> None:
    experiment = start_experiment(challenger, share=Decimal(50))
    away = VectorIndexUnavailable("gone")
    with patch.object(promotion, "ready_collection", autospec=True, side_effect=away):
        for _attempt in range(lifecycle.MOST_ATTEMPTS - 1):
            with pytest.raises(VectorIndexUnavailable):
                prepare(experiment)
        assert lifecycle.unprepared() == [experiment]
        prepare(experiment)
    assert (experiment.state, experiment.reason) == ("failed", "after 5 attempts: gone")


def test_a_challenger_whose_model_computes_nonsense_fails_with_a_reason(challenger: ModelVersion) -> None:
    experiment = start_experiment(challenger, share=Decimal(50))
    nonsense = ValueError("a query vector is 256 finite numbers")
    with patch.object(promotion, "build_collection", autospec=True, side_effect=nonsense):
        prepare(experiment)
    assert (experiment.state, experiment.reason) == ("failed", str(nonsense))


def test_a_preparation_that_never_ends_is_given_up(challenger: ModelVersion) -> None:
    experiment = start_experiment(challenger, share=Decimal(50))
    late = SoftTimeLimitExceeded()
    with patch.object(promotion, "ready_collection", autospec=True, side_effect=late) as ready:
        for _attempt in range(lifecycle.MOST_ATTEMPTS):
            with pytest.raises(SoftTimeLimitExceeded):
                prepare(experiment)
        prepare(experiment)
    assert ready.call_count == lifecycle.MOST_ATTEMPTS
    assert experiment.state == "failed"
    assert experiment.reason.startswith("5 attempts to prepare it came to no end")
    promotion.promote(challenger)  # nothing is refused any more


def test_an_index_that_others_write_to_uses_up_no_attempt(challenger: ModelVersion) -> None:
    experiment = start_experiment(challenger, share=Decimal(50))
    busy = LeaseTaken("a repair of the index")
    with patch.object(promotion, "ready_collection", autospec=True, side_effect=busy):
        for _attempt in range(lifecycle.MOST_ATTEMPTS + 1):
            with pytest.raises(LeaseTaken):
                prepare(experiment)
    prepare(experiment)
    assert (experiment.state, experiment.attempts) == ("running", 1)


def test_the_last_attempt_is_not_given_up_while_a_worker_is_at_it(challenger: ModelVersion) -> None:
    experiment = start_experiment(challenger, share=Decimal(50))
    Experiment.objects.update(attempts=lifecycle.MOST_ATTEMPTS)
    with lease(BUILDING, "the last attempt"), pytest.raises(LeaseTaken):
        prepare(experiment)
    assert lifecycle.unprepared() == [experiment]


def test_an_experiment_that_another_worker_has_prepared_goes_on(challenger: ModelVersion) -> None:
    experiment = start_experiment(challenger, share=Decimal(50))
    prepare(Experiment.objects.get(pk=experiment.pk))
    Experiment.objects.update(attempts=lifecycle.MOST_ATTEMPTS)
    prepare(experiment)
    assert experiment.state == "running"


def test_stopping_records_who_and_why_and_happens_once(running: Experiment) -> None:
    stop(running, stopped_by="Ben", reason="worse")
    assert (running.state, running.stopped_by, running.reason) == ("stopped", "Ben", "worse")
    assert running.result["arms"]["control"]["lists"] == 0
    with pytest.raises(ExperimentEnded, match="stopped"):
        stop(running)
    with pytest.raises(ExperimentEnded, match="not running"):
        change_share(running, Decimal(20))


def test_its_challenger_is_promoted_through_the_gate(running: Experiment) -> None:
    promote_challenger(running, promoted_by="Ada", reason="more clicks")
    assert (running.state, running.stopped_by) == ("promoted", "Ada")
    assert live_model().version == 2
    assert ModelVersion.objects.get(number=2).gate["passed"]


def ended_meanwhile(change: Callable[..., Any], end: Callable[[], object]) -> Callable[..., Any]:
    """`change`, after which another process ends the experiment at once."""

    def changed(*args: Any, **options: Any) -> Any:
        result = change(*args, **options)
        end()
        return result

    return changed


def test_a_promotion_that_the_watch_sees_first_is_still_the_operators(running: Experiment) -> None:
    seen = ended_meanwhile(promotion.promote, watch_experiment)
    with patch.object(promotion, "promote", autospec=True, side_effect=seen):
        promote_challenger(running, promoted_by="Ada", reason="more clicks")
    running.refresh_from_db()
    assert (running.state, running.stopped_by, running.reason) == ("promoted", "Ada", "more clicks")
    assert running.result["arms"]


def test_an_experiment_that_is_stopped_while_its_challenger_is_promoted_stays_stopped(
    running: Experiment,
) -> None:
    stopped = ended_meanwhile(promotion.promote, lambda: stop(Experiment.objects.get(), stopped_by="Ben"))
    with (
        patch.object(promotion, "promote", autospec=True, side_effect=stopped),
        pytest.raises(ExperimentEnded, match="stopped"),
    ):
        promote_challenger(running, promoted_by="Ada")
    running.refresh_from_db()
    assert (running.state, running.stopped_by) == ("stopped", "Ben")


def test_the_challengers_collection_stays_in_memory_while_it_is_promoted(running: Experiment) -> None:
    with patch.object(vector_index, "finish", autospec=True) as finish:
        promote_challenger(running)
    finish.assert_not_called()
    assert vector_index.live_collection() == Collection("movies_v2", 2)


def test_a_challenger_that_the_gate_refuses_goes_on_as_such_unless_it_is_overruled(
    running: Experiment,
) -> None:
    ModelVersion.objects.filter(number=2).update(metrics={})
    with pytest.raises(PromotionRefused, match="no metrics"):
        promote_challenger(running)
    assert Experiment.objects.running().get() == running
    promote_challenger(running, force=True, promoted_by="Ada", reason="people like it")
    gate = ModelVersion.objects.get(number=2).gate
    assert (gate["overruled_by"], gate["overrule_reason"]) == ("Ada", "people like it")


def test_no_version_is_promoted_or_rebuilt_past_it(running: Experiment) -> None:
    for version in (running.challenger_version, world.register_version(3)):
        for change in (promotion.promote, promotion.rebuild):
            with pytest.raises(PromotionRefused, match="is active"):
                change(version)
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_control_is_rebuilt_while_it_runs_and_the_challengers_collection_stays(running: Experiment) -> None:
    promotion.rebuild(ModelVersion.objects.get(number=1))
    assert live_model().collection == Collection("movies_v1b", 1)
    watch_experiment()
    assert Experiment.objects.running().get() == running
    assert not drift_of(running)


def test_going_back_from_control_stops_it(challenger: ModelVersion) -> None:
    promotion.promote(challenger)
    experiment = run(world.register_version(3))
    promotion.roll_back()
    experiment.refresh_from_db()
    assert (experiment.state, experiment.reason) == ("stopped", "version 2 was rolled back to 1")
    assert live_model().version == 1


def test_an_experiment_that_ends_at_this_moment_keeps_nobody_from_going_back(
    challenger: ModelVersion,
) -> None:
    promotion.promote(challenger)
    experiment = run(world.register_version(3))
    ended = ended_meanwhile(
        ending.report,
        lambda: Experiment.objects.filter(pk=experiment.pk).update(
            state="stopped", is_active=None, stopped_by="Ben"
        ),
    )
    with patch.object(ending, "report", autospec=True, side_effect=ended):
        assert promotion.roll_back().number == 1
    experiment.refresh_from_db()
    assert (experiment.state, experiment.stopped_by) == ("stopped", "Ben")
    assert live_model().version == 1


def test_with_nothing_to_go_back_to_it_goes_on(running: Experiment) -> None:
    with pytest.raises(PromotionRefused, match="no earlier version"):
        promotion.roll_back()
    assert Experiment.objects.running().get() == running


def test_changes_of_the_catalogue_reach_both_collections(running: Experiment) -> None:
    Movie.objects.filter(pk=100).update(year=1901)
    Movie.objects.get(pk=100).save()
    sync_changes()
    for bound in (live_model(), model_beside(running.challenger_collection)):
        assert vector_index.fetch(bound.collection, [100])[100].year == 1901


def test_a_challenger_that_cannot_follow_holds_nothing_up_and_is_mended_later(running: Experiment) -> None:
    vector_index.delete(running.challenger_collection, [100, 101])
    assert repair_challenger().missing == [100, 101]
    assert not drift_of(running)
    vector_index.drop(running.challenger_collection)
    Movie.objects.get(pk=100).save()
    assert sync_changes() == 1


def test_an_end_that_nobody_recorded_is_recorded(running: Experiment) -> None:
    vector_index.make_live(running.challenger_collection)  # a process died between promotion and record
    watch_experiment()
    running.refresh_from_db()
    assert (running.state, running.reason) == ("promoted", "the challenger went live")


def test_it_ends_when_the_challengers_collection_is_gone(running: Experiment) -> None:
    watch_experiment()
    assert Experiment.objects.running().get() == running
    vector_index.drop(running.challenger_collection)
    watch_experiment()
    running.refresh_from_db()
    assert (running.state, running.reason) == ("stopped", "the challenger's collection is gone")


def test_retention_leaves_its_versions_alone(running: Experiment, settings: Settings) -> None:
    settings.MODEL_VERSIONS_KEPT = 1
    world.register_version(3)
    assert remove_old_versions() == []
    stop(running)
    assert [version.number for version in remove_old_versions()] == [2]
