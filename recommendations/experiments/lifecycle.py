"""An experiment from its start to the promotion of its challenger.

Started, prepared by a worker (the challenger's collection is built beside the live one and verified), then
running. Control is what is live, and stays so: promotions and rebuilds of other versions are refused
meanwhile, and going back to the version before stops the experiment (`recommendations.promotion`).
"""

import logging
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from movierec.broker import BrokerUnavailable
from recommendations import promotion, vector_index
from recommendations.experiments.arms import forget_experiment
from recommendations.experiments.ending import ExperimentEnded, end, stop
from recommendations.experiments.models import Experiment
from recommendations.index_building import BUILDING, WAIT_FOR_SYNC_SECONDS
from recommendations.index_sync import WRITING, make_pending_since
from recommendations.leases import LeaseTaken, lease
from recommendations.live_model import NoActiveModel
from recommendations.models import ModelVersion
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable
from recommendations.work_orders import order

logger = logging.getLogger(__name__)

Mode, State = Experiment.Mode, Experiment.State
LEAST_SHARE = Decimal("0.01")
MOST_SHARE = {
    Mode.AB: Decimal("99.99"),
    Mode.SHADOW: Decimal(100),
}  # percent; control is never without people
MOST_ATTEMPTS = 5


class ExperimentRefused(Exception):
    """An experiment cannot be started or changed like this; the message says why."""


# A ValueError is what a broken model gives: vectors of another shape, numbers that are not finite.
BEYOND_USE = (
    ModelVersion.DoesNotExist,
    NoActiveModel,
    VectorIndexInvalid,
    promotion.PromotionRefused,
    ExperimentRefused,
    ValueError,
)


def start_experiment(
    challenger: ModelVersion, *, share: Decimal, mode: str = Mode.AB, started_by: str = ""
) -> Experiment:
    """Have the live version compared with `challenger` as soon as a worker has prepared its collection.

    Raises ExperimentRefused, VectorIndexUnavailable, VectorIndexInvalid.
    """
    live = vector_index.live_collection()
    if live is None:
        raise ExperimentRefused("no version is live to compare with")
    if live.version == challenger.number:
        raise ExperimentRefused(f"{challenger} is live: a challenger is another version")
    check_share(mode, share)
    try:
        with transaction.atomic():
            experiment = Experiment.objects.create(
                control=live.version,
                challenger=challenger.number,
                mode=mode,
                share=share,
                started_by=started_by,
            )
    except IntegrityError as error:
        raise ExperimentRefused(f"{Experiment.objects.active().first()} comes first: stop it") from error
    transaction.on_commit(lambda: send(experiment))
    return experiment


def check_share(mode: str, share: Decimal) -> None:
    """Raises ExperimentRefused unless `share` is a percentage that this mode can have."""
    most = MOST_SHARE[Mode(mode)]
    if not share.is_finite() or not LEAST_SHARE <= share <= most:
        raise ExperimentRefused(f"the share is from {LEAST_SHARE} to {most} percent, not {share}")


def send(experiment: Experiment) -> None:
    """Tell a worker. A message that is lost is made up for within a minute (`unprepared`)."""
    from recommendations.tasks import prepare_experiment

    try:
        order(prepare_experiment, experiment.pk)
    except BrokerUnavailable as error:
        logger.warning("%s waits for the broker: %s", experiment, error)


def unprepared() -> list[Experiment]:
    """Experiments that no worker has prepared yet."""
    return list(Experiment.objects.active().filter(state=State.PREPARING))


def prepare(experiment: Experiment) -> None:
    """Build or mend the challenger's collection, verify it, and let the experiment run.

    Raises LeaseTaken, VectorIndexUnavailable: it stays in preparation. An artifact or collection beyond
    use is the end of it, recorded as its reason, and so are MOST_ATTEMPTS that came to no end: their workers
    died, or ran out of time.
    """
    with lease(BUILDING, f"the preparation of {experiment}"):
        experiment.refresh_from_db(fields=["state", "attempts"])  # another worker may just have been at it
        if experiment.state != State.PREPARING:
            return
        if experiment.attempts >= MOST_ATTEMPTS:
            reason = f"{experiment.attempts} attempts to prepare it came to no end: see the workers' log"
            end(experiment, State.FAILED, reason=reason)
            return
        experiment.attempts += 1
        experiment.save(update_fields=["attempts"])
        try:
            _build_and_run(experiment)
        except LeaseTaken:  # by a repair of the index, say, which may take longer than all attempts
            experiment.attempts -= 1
            experiment.save(update_fields=["attempts"])
            raise
        except BEYOND_USE as error:
            end(experiment, State.FAILED, reason=str(error))
        except VectorIndexUnavailable as error:
            if experiment.attempts < MOST_ATTEMPTS:
                raise
            end(experiment, State.FAILED, reason=f"after {experiment.attempts} attempts: {error}")


def _build_and_run(experiment: Experiment) -> None:
    since = timezone.now()
    collection = promotion.ready_collection(experiment.challenger_version)
    with lease(WRITING, f"the start of {experiment}", wait_seconds=WAIT_FOR_SYNC_SECONDS):
        live = vector_index.live_collection()
        if live is None or live.version != experiment.control:
            raise ExperimentRefused(f"version {experiment.control} is no longer live")
        make_pending_since(since)  # what went to the live collection only
        now = timezone.now()
        Experiment.objects.active().filter(pk=experiment.pk, state=State.PREPARING).update(
            state=State.RUNNING,
            collection=collection.name,
            started_at=now,
            share_since=now,
            shares=[_noted(experiment.share, experiment.started_by)],
        )
    experiment.refresh_from_db()
    forget_experiment()
    logger.info("%s runs, mode %s, %s percent", experiment, experiment.mode, experiment.share)


def change_share(experiment: Experiment, share: Decimal, *, changed_by: str = "") -> None:
    """From now on `share` percent are the challenger's; figures are counted anew from here.

    Raises ExperimentRefused, ExperimentEnded.
    """
    check_share(experiment.mode, share)
    with transaction.atomic():
        row = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if row.state != State.RUNNING:
            raise ExperimentEnded(f"{row} is not running: {row.get_state_display()}")
        row.share, row.share_since = share, timezone.now()
        row.shares = [*row.shares, _noted(share, changed_by)]
        row.save(update_fields=["share", "share_since", "shares"])
    experiment.refresh_from_db()
    forget_experiment()


def promote_challenger(
    experiment: Experiment, *, force: bool = False, promoted_by: str = "", reason: str = ""
) -> None:
    """Make the challenger live, through the gate, and end the experiment with that.

    If the promotion is refused, the experiment goes on. `force` overrules the gate, as ever with a record.
    Raises ExperimentEnded, and what `promotion.promote` raises.
    """
    if experiment.state != State.RUNNING:
        raise ExperimentEnded(f"{experiment} is not running: {experiment.get_state_display()}")
    version = experiment.challenger_version
    promotion.promote(version, force=force, overruled_by=promoted_by, overrule_reason=reason, ends=experiment)
    try:
        end(experiment, State.PROMOTED, ended_by=promoted_by, reason=reason)
    except ExperimentEnded:  # most likely by the watch, which saw the challenger live a moment before
        if experiment.state != State.PROMOTED:
            raise
        experiment.stopped_by, experiment.reason = promoted_by, reason
        experiment.save(update_fields=["stopped_by", "reason"])


def watch_experiment() -> None:
    """Stop the running experiment if what it compares is no longer there: by hand, or after a crash.

    Raises VectorIndexUnavailable.
    """
    experiment = Experiment.objects.running().first()
    if experiment is None:
        return
    live = vector_index.live_collection()
    if live is not None and live.version == experiment.challenger:
        end(experiment, State.PROMOTED, reason="the challenger went live")
    elif live is not None and live.version != experiment.control:
        stop(experiment, reason=f"version {live.version} went live")
    elif experiment.challenger_collection not in vector_index.collections():
        stop(experiment, reason="the challenger's collection is gone")


def _noted(share: Decimal, who: str) -> list[str]:
    return [timezone.now().isoformat(), str(share), who]
