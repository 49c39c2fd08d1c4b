"""The queue of training runs: one at a time is started, stopped, resumed, and found again when it is lost."""

import json
import secrets
from typing import Any

from django.utils import timezone

from recommendations.leases import LeaseTaken, drop_broken_connection, is_held
from recommendations.models import ModelVersion, TrainingRun
from recommendations.two_tower.config import TwoTowerConfig

TRAINING = "training"  # the lease of whoever trains
MOST_ATTEMPTS = 3
INTERRUPTED = "interrupted"  # the error of a run whose command somebody interrupted

State = TrainingRun.State


class RunEnded(Exception):
    """What was asked of a training run is not possible in the state that it is in."""


def create_run(
    *,
    config: dict[str, Any] | None = None,
    seed: int | None = None,
    promote: bool = False,
    warm_start: bool = False,
    base_version: int | None = None,
    started_by: str = "",
) -> TrainingRun:
    """A queued run. A warm start goes on from `base_version`, or else from what is live when it begins.

    Raises ConfigInvalid for a bad configuration, LeaseTaken while another run is active.
    """
    TwoTowerConfig.from_dict(config or {})
    _refuse_while_active()
    seed = secrets.randbelow(2**31) if seed is None else seed
    return TrainingRun.objects.create(
        config=config or {},
        seed=seed,
        promote=promote,
        warm_start=warm_start,
        base_version=base_version,
        started_by=started_by,
    )


def _refuse_while_active() -> None:
    if active := TrainingRun.objects.active().first():
        raise LeaseTaken(
            f"{active}, comes first: a worker takes it up, or train_model with its options"
            f" (seed {active.seed}, configuration {json.dumps(active.config)})"
        )


def resume_interrupted(
    *, config: dict[str, Any], seed: int, promote: bool, warm_start: bool
) -> TrainingRun | None:
    """The last run, queued again, if it was one of these options and somebody stopped it."""
    run = TrainingRun.objects.first()
    wanted = (State.FAILED, INTERRUPTED, config, seed, promote, warm_start)
    if run is None:
        return None
    if (run.state, run.error, run.config, run.seed, run.promote, run.warm_start) != wanted:
        return None
    return _queue_again(run)


def resume_run(run: TrainingRun) -> TrainingRun:
    """Queue a run again that was stopped or failed, to go on from its checkpoint if it left one.

    Raises RunEnded if it is in another state, LeaseTaken while another run is active.
    """
    if run.state not in (State.STOPPED, State.FAILED):
        raise RunEnded(f"{run}: it cannot be resumed")
    _refuse_while_active()
    return _queue_again(run)


def stop_run(run: TrainingRun) -> None:
    """End a run: at once while it waits, within seconds while it trains. It can be resumed.

    Raises RunEnded if it is over.
    """
    now = timezone.now()
    rows = TrainingRun.objects.filter(pk=run.pk)
    if rows.filter(state=State.QUEUED).update(state=State.STOPPED, finished_at=now):
        return
    if not rows.filter(state=State.RUNNING).update(stop_requested_at=now):
        raise RunEnded(f"{run}: it is over")
    if not is_held(TRAINING):  # its process died; nobody else would see the request
        rows.filter(state=State.RUNNING).update(state=State.STOPPED, finished_at=now)


def _queue_again(run: TrainingRun) -> TrainingRun:
    run.state, run.error, run.attempts = State.QUEUED, "", 0
    run.finished_at = run.stop_requested_at = None
    run.save(update_fields=["state", "error", "attempts", "finished_at", "stop_requested_at"])
    return run


def put_back(run: TrainingRun) -> bool:
    """Queue a run again whose worker ends, as if this attempt had not been made; not one that is to stop."""
    drop_broken_connection()
    row = TrainingRun.objects.active().filter(pk=run.pk, stop_requested_at=None)
    is_put_back = row.update(state=State.QUEUED, attempts=run.attempts - 1)
    run.refresh_from_db()
    return bool(is_put_back)


def recover_lost_runs() -> list[TrainingRun]:
    """Queue the runs again whose process died, to go on from their checkpoint; after three deaths give up.

    Returns the runs that want a worker, those included that were queued and got none.
    """
    if is_held(TRAINING):
        return []
    for run in TrainingRun.objects.filter(state=State.RUNNING):
        if run.stop_requested_at:
            finish_run(run, State.STOPPED)
        elif run.attempts >= MOST_ATTEMPTS:
            give_up(run)
        else:
            TrainingRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.QUEUED)
    return list(TrainingRun.objects.filter(state=State.QUEUED).order_by("pk"))


def give_up(run: TrainingRun) -> None:
    finish_run(run, State.FAILED, error=f"its process died {run.attempts} times")


def finish_run(
    run: TrainingRun, state: State, *, error: str = "", version: ModelVersion | None = None
) -> None:
    """Write down how a run ended, unless it was ended by another process before."""
    drop_broken_connection()
    ended = {"state": state, "error": error, "model_version": version, "finished_at": timezone.now()}
    TrainingRun.objects.active().filter(pk=run.pk).update(**ended)
    run.refresh_from_db()
