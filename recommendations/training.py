"""Training runs: from the catalogue's interactions to a registered model version.

One training at a time. A run whose process died goes on from its checkpoint; a version is registered
only after its artifact is complete, so there is never half a model.
"""

import json
import logging
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.models import Max
from django.utils import timezone

from recommendations.interactions import load_training_data
from recommendations.leases import LeaseTaken, drop_broken_connection, is_held, lease
from recommendations.live_model import NoActiveModel, live_model
from recommendations.models import ModelVersion, TrainingRun
from recommendations.promotion import PromotionRefused, promote
from recommendations.two_tower.artifact import TrainedModel, save_artifact
from recommendations.two_tower.comparison import compare
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

logger = logging.getLogger(__name__)

TRAINING = "training"  # the lease of whoever trains
SAVE_PROGRESS_SECONDS = 2.0
MOST_ATTEMPTS = 3
INTERRUPTED = "interrupted"  # the error of a run that somebody stopped

State = TrainingRun.State
Report = Callable[[dict[str, Any]], None]  # fields of two_tower.train.Progress


class TrainingFailed(Exception):
    """A training run ended without a model version; the message says why."""


def report_nothing(progress: dict[str, Any]) -> None:
    """For callers that show no progress."""


def create_run(
    *, config: dict[str, Any] | None = None, seed: int | None = None, promote: bool = False
) -> TrainingRun:
    """A queued run. Raises ConfigInvalid for a bad configuration, LeaseTaken while another run is active."""
    TwoTowerConfig.from_dict(config or {})
    if active := TrainingRun.objects.active().first():
        raise LeaseTaken(
            f"{active}, comes first: a worker takes it up, or train_model with its options"
            f" (seed {active.seed}, configuration {json.dumps(active.config)})"
        )
    seed = secrets.randbelow(2**31) if seed is None else seed
    return TrainingRun.objects.create(config=config or {}, seed=seed, promote=promote)


def execute_run(run: TrainingRun, *, report: Report = report_nothing) -> ModelVersion:
    """Train, register the version and, if the run asks for it, promote it.

    Whatever ends the run early, its row says so. Raises LeaseTaken, TrainingFailed; and if the version
    is registered but not promoted, what `promote` raises.
    """
    with lease(TRAINING, f"training run {run.pk}"):
        _start(run)
        try:
            version = _train(run, report)
        except KeyboardInterrupt:
            _finish(run, State.FAILED, error=INTERRUPTED)
            raise
        except BaseException as error:
            _finish(run, State.FAILED, error=str(error) or type(error).__name__)
            raise
        _finish(run, State.DONE, version=version)
    if run.promote:
        _promote(run, version)
    return version


def resume_interrupted(*, config: dict[str, Any], seed: int, promote: bool) -> TrainingRun | None:
    """The last run, queued again, if it was one of these options and somebody stopped it."""
    run = TrainingRun.objects.first()
    wanted = (State.FAILED, INTERRUPTED, config, seed, promote)
    if run is None or (run.state, run.error, run.config, run.seed, run.promote) != wanted:
        return None
    run.state, run.error, run.attempts, run.finished_at = State.QUEUED, "", 0, None
    run.save(update_fields=["state", "error", "attempts", "finished_at"])
    return run


def recover_lost_runs() -> list[TrainingRun]:
    """Queue the runs again whose process died, to go on from their checkpoint; after three deaths give up.

    Returns the runs that want a worker, those included that were queued and got none.
    """
    if is_held(TRAINING):
        return []
    for run in TrainingRun.objects.filter(state=State.RUNNING):
        if run.attempts >= MOST_ATTEMPTS:
            _give_up(run)
        else:
            TrainingRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.QUEUED)
    return list(TrainingRun.objects.filter(state=State.QUEUED).order_by("pk"))


def _start(run: TrainingRun) -> None:
    run.refresh_from_db()
    if run.state not in (State.QUEUED, State.RUNNING):
        raise LeaseTaken(f"{run} has ended")
    if run.state == State.RUNNING and run.attempts >= MOST_ATTEMPTS:  # a broker delivers it again and again
        _give_up(run)
        raise TrainingFailed(run.error)
    run.state, run.attempts = State.RUNNING, run.attempts + 1
    run.started_at = run.heartbeat_at = timezone.now()
    run.save(update_fields=["state", "attempts", "started_at", "heartbeat_at"])


def _give_up(run: TrainingRun) -> None:
    _finish(run, State.FAILED, error=f"its process died {run.attempts} times")


def _finish(run: TrainingRun, state: State, *, error: str = "", version: ModelVersion | None = None) -> None:
    run.state, run.error, run.model_version, run.finished_at = state, error, version, timezone.now()
    run.save(update_fields=["state", "error", "model_version", "finished_at"])


def _train(run: TrainingRun, report: Report) -> ModelVersion:
    # Paddle is imported here: it takes 300 MB, and only this function needs it.
    from recommendations.two_tower.train import TrainingDataTooSmall, train

    data = load_training_data()
    config = TwoTowerConfig.from_dict(run.config)
    try:
        model = train(
            data,
            config,
            seed=run.seed,
            on_progress=_recorder(run, report),
            checkpoint_dir=run.checkpoint_dir,
        )
        model.metrics["held_out"] = compare(data, config, model.serving_model(), _live_model())
        return _register(run, model)
    except TrainingDataTooSmall as error:
        raise TrainingFailed(str(error)) from error
    except OSError as error:
        raise TrainingFailed(f"the model could not be saved: {error}") from error


def _recorder(run: TrainingRun, report: Report) -> Callable[[Any], None]:
    """Passes progress on at once, and to the run's row every few seconds, if the database is there."""
    saved_at = 0.0

    def record(progress: Any) -> None:
        nonlocal saved_at
        fields = asdict(progress)
        report(fields)
        if time.monotonic() - saved_at >= SAVE_PROGRESS_SECONDS:
            saved_at = time.monotonic()
            _save_progress(run, fields)

    return record


def _save_progress(run: TrainingRun, fields: dict[str, Any]) -> None:
    """A database that restarts costs a line of progress, not the hours of the training."""
    try:
        drop_broken_connection()
        TrainingRun.objects.filter(pk=run.pk).update(progress=fields, heartbeat_at=timezone.now())
    except Error as error:
        logger.warning("progress of %s was not saved: %s", run, error)


def _live_model() -> ServingModel | None:
    try:
        return live_model().model
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.info("no live model to compare with: %s", error)
        return None


def _register(run: TrainingRun, model: TrainedModel) -> ModelVersion:
    """Write the artifact, then the row: what has a row is complete."""
    _remove_half_artifacts()
    number = _next_number()
    checksum = save_artifact(model, settings.MODEL_DIR / f"v{number}")
    return ModelVersion.objects.create(
        number=number,
        checksum=checksum,
        seed=run.seed,
        config=model.config.to_dict(),
        metrics=model.metrics,
        data_snapshot=model.snapshot,
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
    except (PromotionRefused, LeaseTaken, NoActiveModel, VectorIndexInvalid, VectorIndexUnavailable) as error:
        TrainingRun.objects.filter(pk=run.pk).update(error=f"trained, but not promoted: {error}")
        raise
