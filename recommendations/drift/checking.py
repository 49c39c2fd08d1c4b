"""Takes all measures of drift, holds them to the limits of the settings, keeps and tells what was found."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from catalog.models import Rating
from recommendations.drift import of_lists, of_ratings, of_vectors
from recommendations.drift.measured import Measured
from recommendations.live_model import LiveModel, NoActiveModel, live_model
from recommendations.models import DriftReport
from recommendations.vector_index import VectorIndexUnavailable

logger = logging.getLogger(__name__)

STORED_WITHIN = timedelta(minutes=1)  # lists are stored behind the requests, and dated when they are


def check_drift() -> DriftReport:
    """A new report. Without a live model there is nothing of what only it can tell."""
    now = timezone.now()
    live = _live_model()
    before = DriftReport.objects.first()
    measures = _of_lists(now - timedelta(days=settings.DRIFT_DAYS), before) | _of_model(live, now)
    report = DriftReport.objects.create(
        created_at=now,
        model_version=live.version if live else None,
        measures={name: _judged(name, measured) for name, measured in measures.items()},
        alerts=[name for name, measured in measures.items() if _is_beyond(name, measured)],
        last_rating=Rating.objects.aggregate(last=Max("pk"))["last"] or 0,
    )
    DriftReport.objects.outdated().delete()
    _tell(report)
    return report


def _of_lists(since: datetime, before: DriftReport | None) -> dict[str, Measured]:
    leaks = Measured(None, 0)  # the first report knows no ratings that were stored before its lists
    if before is not None:
        leaks = of_lists.seen_leaks(before.created_at + STORED_WITHIN, last_rating=before.last_rating)
    return {
        "seen_leaks": leaks,
        "empty_lists": of_lists.empty_lists(since),
        "concentration": of_lists.concentration(since),
    }


def _of_model(live: LiveModel | None, now: datetime) -> dict[str, Measured]:
    if live is None:
        return {}
    model = live.model
    ratings = of_ratings.recent_ratings(now - timedelta(days=settings.DRIFT_DAYS))
    return {
        "rating_mean": of_ratings.rating_mean(ratings, model),
        "genre_mix": of_ratings.genre_distance(ratings, model),
        "unknown_users": of_ratings.unknown_users(ratings, model),
        "unknown_movies": of_ratings.unknown_movies(ratings, model),
        "user_norms": of_vectors.user_norms(ratings, model, before=_first_user_norm(live.version)),
        "movie_norms": of_vectors.movie_norms(model),
    }


def _first_user_norm(version: int) -> float | None:
    """The mean length of user vectors in the earliest report on this version that has one."""
    for report in DriftReport.objects.filter(model_version=version).order_by("pk"):
        if mean := report.measures.get("user_norms", {}).get("detail", {}).get("mean"):
            return float(mean)
    return None


def _judged(name: str, measured: Measured) -> dict[str, object]:
    return {
        "value": None if measured.value is None else round(measured.value, 4),
        "limit": settings.DRIFT_LIMITS[name],
        "sample": measured.sample,
        "detail": measured.detail,
    }


def _is_beyond(name: str, measured: Measured) -> bool:
    return measured.value is not None and measured.value > settings.DRIFT_LIMITS[name]


def _tell(report: DriftReport) -> None:
    for name in report.alerts:
        found = report.measures[name]
        logger.error(
            "drift: %s is %s, above %s (of %s)", name, found["value"], found["limit"], found["sample"]
        )
    if not report.alerts:
        logger.info("drift: every measure within its limit")


def _live_model() -> LiveModel | None:
    try:
        return live_model()
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("drift is measured without the live model: %s", error)
        return None
