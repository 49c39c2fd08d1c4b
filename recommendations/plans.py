"""Starts the trainings that are planned: at their time of day, or once enough new ratings came."""

import logging
from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from catalog.models import Rating
from recommendations.leases import LeaseTaken
from recommendations.models import TrainingPlan, TrainingRun
from recommendations.run_queue import create_run
from recommendations.two_tower.config import ConfigInvalid

logger = logging.getLogger(__name__)

HALF_A_DAY = timedelta(hours=12)
RETRY_AFTER = timedelta(hours=1)  # the ratings of a training that failed are still new


def start_due_plans() -> list[TrainingRun]:
    """Runs of the plans that are due; one at a time, and a plan that has to wait stays due."""
    now, ratings = timezone.now(), new_ratings()
    for plan in TrainingPlan.objects.filter(is_active=True).order_by("last_started_at", "pk"):
        if not is_due(plan, now=now, ratings=ratings):
            continue
        try:
            run = create_run(
                config=plan.config,
                promote=plan.promote,
                warm_start=plan.warm_start,
                started_by=f"plan {plan.name}",
            )
        except LeaseTaken:
            return []
        except ConfigInvalid as error:  # stored by an earlier release, which knew other keys
            logger.error("training plan %s cannot start: %s", plan, error)
            continue
        TrainingPlan.objects.filter(pk=plan.pk).update(last_started_at=now)
        return [run]
    return []


def is_due(plan: TrainingPlan, *, now: datetime, ratings: int) -> bool:
    """Whether the plan's time has come since it last started, or `ratings` new ratings are enough."""
    last = plan.last_started_at
    rested = last is None or now - last >= RETRY_AFTER
    if plan.after_ratings and ratings >= plan.after_ratings and rested:
        return True
    if plan.at is None:
        return False
    slot = _latest_slot(plan.at, now)
    if last is None:
        return plan.created_at < slot
    # From slot to slot: one that had to wait may have started on the next day, one by ratings just before.
    nearest = _latest_slot(plan.at, last + HALF_A_DAY)
    return (slot - nearest).days >= plan.every_days


def _latest_slot(at: time, moment: datetime) -> datetime:
    """When it was last `at` o'clock in UTC, at `moment` or before."""
    slot = datetime.combine(moment.astimezone(UTC).date(), at, tzinfo=UTC)
    return slot if slot <= moment else slot - timedelta(days=1)


def new_ratings() -> int:
    """Ratings stored since the latest training that succeeded read them."""
    done = TrainingRun.objects.filter(state=TrainingRun.State.DONE).order_by("-finished_at").first()
    last = done.data_until.get("ratings", 0) if done else 0
    return Rating.objects.filter(pk__gt=last).count()
