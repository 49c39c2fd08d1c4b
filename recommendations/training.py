"""A training: from the catalogue's interactions to a registered model version.

One training at a time. A run whose process died or that was stopped goes on from its checkpoint; a version
is registered only after its artifact is complete, so there is never half a model.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.models import Max, Q
from django.utils import timezone

from recommendations.forgetting import gone
from recommendations.interactions import data_mark, load_training_data
from recommendations.joint_training import call_for_help
from recommendations.leases import LeaseTaken, drop_broken_connection, lease
from recommendations.live_model import LiveModel, NoActiveModel, live_model
from recommendations.models import ModelVersion, TrainingRun
from recommendations.promotion import PromotionRefused, promote
from recommendations.run_journal import Report, RunJournal
from recommendations.run_queue import (
    INTERRUPTED,
    MOST_ATTEMPTS,
    TRAINING,
    State,
    finish_run,
    give_up,
    put_back,
)
from recommendations.stopping import StopRequested, heed_stop
from recommendations.two_tower.artifact import TrainedModel, save_artifact
from recommendations.two_tower.checkpoint import fingerprint, read_checkpoint, remove_checkpoint
from recommendations.two_tower.comparison import compare
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.parallel import ALONE, Workers, WorkersDisagree
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable
from recommendations.warm_starts import configuration, earlier_model, train_in_full

logger = logging.getLogger(__name__)

PER_USER = "per_user"  # of the metrics: in the artifact alone, too much for a row that lists read


class TrainingFailed(Exception):
    """A training run ended without a model version; the message says why."""


class TrainingPutBack(Exception):
    """A training run is queued again, since its worker ends before it; the next one goes on with it."""


def report_nothing(progress: dict[str, Any]) -> None:
    """For callers that show no progress."""


def never() -> bool:
    """For callers whose process lasts as long as the training."""
    return False


def execute_run(
    run: TrainingRun,
    *,
    report: Report = report_nothing,
    workers: Workers = ALONE,
    is_ending: Callable[[], bool] = never,
) -> ModelVersion:
    """Train, register the version and, if the run asks for it, promote it.

    Whatever ends the run early, its row says so. Raises LeaseTaken, TrainingFailed, TrainingPutBack soon
    after this process `is_ending`; and if the version is registered but not promoted, what `promote` raises.
    The other workers call `join_training`.
    """
    with lease(TRAINING, f"training run {run.pk}"):
        _start(run)
        try:
            version = _train(run, RunJournal(run, report), workers, is_ending)
        except StopRequested as error:
            if is_ending() and put_back(run):
                raise TrainingPutBack(str(error)) from error
            finish_run(run, State.STOPPED, error=str(error))
            raise TrainingFailed(f"{run}: {error}") from error
        except KeyboardInterrupt:
            finish_run(run, State.FAILED, error=INTERRUPTED)
            raise
        except BaseException as error:
            finish_run(run, State.FAILED, error=str(error) or type(error).__name__)
            raise
        finish_run(run, State.DONE, version=version)
    if run.state != State.DONE:
        raise TrainingFailed(f"{run}: it had ended when {version} was registered")
    if run.promote:
        _promote(run, version)
    return version


def _start(run: TrainingRun) -> None:
    run.refresh_from_db()
    if run.state not in (State.QUEUED, State.RUNNING):
        raise LeaseTaken(f"{run} has ended")
    if run.state == State.RUNNING and run.attempts >= MOST_ATTEMPTS:  # a broker delivers it again and again
        give_up(run)
        raise TrainingFailed(run.error)
    now = timezone.now()
    startable = TrainingRun.objects.active().filter(pk=run.pk)
    if not startable.update(state=State.RUNNING, attempts=run.attempts + 1, started_at=now, heartbeat_at=now):
        raise LeaseTaken(f"{run} was stopped at this moment")
    run.refresh_from_db()


def _train(
    run: TrainingRun, journal: RunJournal, workers: Workers, is_ending: Callable[[], bool]
) -> ModelVersion:
    # Paddle is imported here: it takes 300 MB, and only this function needs it.
    from recommendations.two_tower.train import TrainingDataTooSmall, TrainingStopped, train
    from recommendations.two_tower.warm_start import WarmStartImpossible

    try:
        with heed_stop(lambda: is_ending() or _is_to_stop(run)) as should_stop:
            data, config, earlier = _begin(run, journal)
            call_for_help(run, workers)
            model = train(
                data,
                config,
                seed=run.seed,
                on_progress=journal.record,
                checkpoint_dir=run.checkpoint_dir,
                should_stop=should_stop,
                warm_start=earlier,
                workers=workers,
            )
            journal.note("trained; now compared with the live version")
            model.metrics |= _compared(data, config, model.serving_model())
        version = _register(run, model, data)
        remove_checkpoint(run.checkpoint_dir)
    except WarmStartImpossible as error:
        train_in_full(run, journal, str(error))
        run.warm_start = False  # of this attempt; what was asked for stays in the row
        return _train(run, journal, workers, is_ending)
    except TrainingStopped as error:
        journal.note(str(error))
        raise StopRequested(str(error)) from error
    except (TrainingDataTooSmall, WorkersDisagree) as error:
        raise TrainingFailed(str(error)) from error
    except OSError as error:
        raise TrainingFailed(f"the model could not be saved: {error}") from error
    journal.note(f"registered as {version}")
    return version


def _is_to_stop(run: TrainingRun) -> bool:
    """Also where it was stopped at once, as one that waits: an outage may have had it taken for lost."""
    wanted = Q(state__in=(State.QUEUED, State.RUNNING), stop_requested_at=None)
    return TrainingRun.objects.filter(~wanted, pk=run.pk).exists()


def _begin(run: TrainingRun, journal: RunJournal) -> tuple[TrainingData, TwoTowerConfig, ServingModel | None]:
    """What to train on, how, and the model to go on from: those of the run's checkpoint if they can be had.

    A run that was to start warm may have become a full training before it was interrupted.
    """
    earlier = earlier_model(run, journal)
    if run.checkpoint_dir.exists() and run.data_until:
        data = load_training_data(run.data_until)
        for model in dict.fromkeys((earlier, None)):
            config = configuration(run, model)
            wanted = fingerprint(data, config, run.seed, model.checksum if model else "")
            if read_checkpoint(run.checkpoint_dir, wanted) is not None:
                if earlier and not model:
                    train_in_full(run, journal, "it was one when it was interrupted")
                journal.note("goes on from its checkpoint")
                return data, config, model
    run.data_until = data_mark()
    run.save(update_fields=["data_until"])
    data = load_training_data(run.data_until)
    journal.note(f"{len(data)} ratings of {len(data.users.user_ids)} users are read")
    return data, configuration(run, earlier), earlier


def _compared(data: TrainingData, config: TwoTowerConfig, model: ServingModel) -> dict[str, Any]:
    """Metrics on held-out ratings beside popularity and the live version, with the number of that one."""
    live = _live_model()
    metrics = asdict(compare(data, config, model, live.model if live else None))
    if live:
        metrics["held_out"]["live_version"] = live.version
    return metrics


def _live_model() -> LiveModel | None:
    try:
        return live_model()
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.info("no live model to compare with: %s", error)
        return None


def _register(run: TrainingRun, model: TrainedModel, data: TrainingData) -> ModelVersion:
    """Write the artifact, then the row: what has a row is complete.

    Who was deleted while it was trained is noted like who is deleted later.
    """
    drop_broken_connection()  # the comparison asks it nothing for long
    _remove_half_artifacts()
    number = _next_number()
    checksum = save_artifact(model, settings.MODEL_DIR / f"v{number}")
    return ModelVersion.objects.create(
        number=number,
        checksum=checksum,
        seed=run.seed,
        config=model.config.to_dict(),
        metrics={name: figures for name, figures in model.metrics.items() if name != PER_USER},
        data_snapshot=model.snapshot | {"until": run.data_until, "base_version": run.base_version},
        people_deleted=len(gone(data.bounds()[0])),
    )


def _remove_half_artifacts() -> None:
    """What killed processes left while they saved; whoever trains now is the only one who saves."""
    for partial in settings.MODEL_DIR.glob(".v*-*"):
        shutil.rmtree(partial, ignore_errors=True)


def _next_number() -> int:
    """Above all versions, and above folders that a crash left without a row."""
    registered = ModelVersion.objects.aggregate(last=Max("number"))["last"] or 0
    folders = [int(f.name[1:]) for f in settings.MODEL_DIR.glob("v*") if f.name[1:].isdigit()]
    return max([registered, *folders]) + 1


def _promote(run: TrainingRun, version: ModelVersion) -> None:
    try:
        promote(version)
    except (
        PromotionRefused, LeaseTaken, NoActiveModel, VectorIndexInvalid, VectorIndexUnavailable, Error
    ) as error:  # fmt: skip
        drop_broken_connection()
        TrainingRun.objects.filter(pk=run.pk).update(error=f"trained, but not promoted: {error}")
        raise
