"""A training by several processes: the one that has the run, and those that help it.

The leading process creates the run, trains, registers the version and promotes it. The others are told the
run's number, read the same ratings from the same database, train along and throw their model away.
"""

from recommendations.interactions import load_training_data
from recommendations.live_model import load_model
from recommendations.models import ModelVersion, TrainingRun
from recommendations.two_tower.parallel import Workers, WorkersDisagree
from recommendations.two_tower.serving_model import ServingModel
from recommendations.warm_starts import configuration


def call_for_help(run: TrainingRun, workers: Workers) -> None:
    """Tells the waiting workers which run to train along; its row says what is trained on and from."""
    workers.text(str(run.pk))


def join_training(workers: Workers) -> None:
    """Train along with the leading process; what ends the training early is that one's to report."""
    from recommendations.two_tower.train import TrainingDataTooSmall, TrainingStopped
    from recommendations.two_tower.warm_start import WarmStartImpossible

    try:
        _train_along(TrainingRun.objects.get(pk=int(workers.text(""))), workers)
    except WarmStartImpossible:  # the leading process has the same, and calls again for a full training
        join_training(workers)
    except (TrainingDataTooSmall, TrainingStopped, WorkersDisagree):
        return


def _train_along(run: TrainingRun, workers: Workers) -> None:
    from recommendations.two_tower.train import train

    earlier = _earlier_model(run)
    train(
        load_training_data(run.data_until),
        configuration(run, earlier),
        seed=run.seed,
        checkpoint_dir=run.checkpoint_dir,
        warm_start=earlier,
        workers=workers,
    )


def _earlier_model(run: TrainingRun) -> ServingModel | None:
    if run.base_version is None:
        return None
    return load_model(ModelVersion.objects.get(number=run.base_version))
