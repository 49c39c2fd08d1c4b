"""Computes lists that control served once more, with both versions: in a worker, so that nobody waits for it.

Both are made here, one after the other, from the history as it is now: what differs between them is the
model, not the moment or the machine.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from recommendations.experiments.arms import CHALLENGER_FAULTS
from recommendations.experiments.metrics import SHADOWS
from recommendations.experiments.models import Arm, Experiment, ShadowComparison
from recommendations.live_model import LiveModel, live_model, model_beside, release_model_beside
from recommendations.models import ServedList
from recommendations.serving import ListRequest, RecommendationList, recommend_with

logger = logging.getLogger(__name__)

COMPARED_AT_ONCE = 50
TOO_OLD = timedelta(minutes=10)  # behind that far, the worker cannot keep up: the share is too large
K = 10


def compare_waiting() -> int:
    """Compare lists that wait for it, oldest first; how many they were. Raises as `live_model` does."""
    experiment = Experiment.objects.running().first()
    if experiment is None:
        release_model_beside()
        return 0
    if experiment.mode != Experiment.Mode.SHADOW:
        return 0
    recent = experiment.lists.filter(created_at__gte=timezone.now() - TOO_OLD)
    waiting = recent.filter(arm=Arm.SHADOW, shadow=None).exclude(user=None).select_related("user")
    lists = list(waiting.order_by("created_at")[:COMPARED_AT_ONCE])
    for place, served in enumerate(lists):
        found = compare(served, experiment, challenger_first=bool(place % 2))
        ShadowComparison.objects.bulk_create([found], ignore_conflicts=True)
        SHADOWS.labels("failed" if found.error else "compared").inc()
    return len(lists)


def compare(served: ServedList, experiment: Experiment, *, challenger_first: bool) -> ShadowComparison:
    """Which of the two goes first takes turns, for the second finds caches warm."""
    request = ListRequest.from_stored(served.request)

    def timed(model: Callable[[], LiveModel]) -> tuple[RecommendationList, float]:
        live = model()
        started = time.perf_counter()
        answer = recommend_with(live, served.user, request)  # type: ignore[arg-type]
        return answer, round((time.perf_counter() - started) * 1000, 2)

    def control() -> tuple[RecommendationList, float]:
        return timed(live_model)

    first = None if challenger_first else control()
    try:
        other, other_ms = timed(lambda: model_beside(experiment.challenger_collection))
    except CHALLENGER_FAULTS as error:
        logger.warning("%s: no list of the challenger: %s", experiment, error)
        return ShadowComparison(served_list=served, error=str(error)[:200] or type(error).__name__)
    own, own_ms = first or control()
    return ShadowComparison(
        served_list=served,
        overlap=overlap([one.movie.id for one in own.results], [one.movie.id for one in other.results]),
        control_ms=own_ms,
        challenger_ms=other_ms,
        challenger_size=len(other.results),
    )


def overlap(control: list[int], challenger: list[int], *, k: int = K) -> float | None:
    """Share of control's first `k` that the challenger's first `k` have, too; None where control has none."""
    ours = set(control[:k])
    return len(ours & set(challenger[:k])) / len(ours) if ours else None
