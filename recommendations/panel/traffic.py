"""What people did lately: ratings, lists served to them, and what they rated of those."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import TruncDate
from django.utils import timezone

from catalog.models import Rating
from recommendations.latest_ratings import latest_ratings
from recommendations.models import ListFeedback, ServedList

RATINGS_LOOKED_AT = 500_000  # the latest stored: a bound on the query, whatever was imported before
LISTS_LOOKED_AT = 2_000
RATED_WITHIN = timedelta(days=7)

PerDay = list[tuple[date, dict[str, int]]]


def ratings_per_day(days: int) -> PerDay:
    """Ratings given on each of the last days, today included, among the latest RATINGS_LOOKED_AT stored."""
    lately = latest_ratings(RATINGS_LOOKED_AT).filter(rated_at__gte=_start(days))
    rows = lately.order_by().values_list(TruncDate("rated_at")).annotate(Count("pk"))
    return _each_day(days, {day: {"": number} for day, number in rows})


def lists_per_day(days: int) -> PerDay:
    """Lists served to members on each of the last days, by source."""
    served = ServedList.objects.filter(created_at__gte=_start(days)).exclude(user=None)
    rows = served.order_by().values_list(TruncDate("created_at"), "source").annotate(Count("pk"))
    found: dict[date, dict[str, int]] = {}
    for day, source, number in rows:
        found.setdefault(day, {})[source] = number
    return _each_day(days, found)


def fallback_share(lists: PerDay) -> float | None:
    """Share of the lists that were popular movies where a personal list was wanted; None without lists."""
    total = sum(sum(sources.values()) for _day, sources in lists)
    popular = sum(sources.get(ServedList.Source.POPULAR, 0) for _day, sources in lists)
    return popular / total if total else None


def rated_share(days: int) -> tuple[float, int] | None:
    """Share of the latest lists of these days of which a movie was rated within a week, and their number."""
    lists = (
        ServedList.objects.filter(created_at__gte=_start(days))
        .exclude(user=None)
        .values_list("user_id", "created_at", "movie_ids")[:LISTS_LOOKED_AT]
    )
    served = [(user, at, set(movies)) for user, at, movies in lists]
    if not served:
        return None
    rated = _rated_by({user for user, _at, _movies in served}, _start(days))
    hits = sum(
        any(movie in movies and at <= when <= at + RATED_WITHIN for movie, when in rated.get(user, ()))
        for user, at, movies in served
    )
    return hits / len(served), len(served)


def clicked_share(days: int) -> float | None:
    """Share of the lists served to members of which a movie was clicked; None without lists."""
    lists = ServedList.objects.filter(created_at__gte=_start(days)).exclude(user=None)
    clicked = ListFeedback.objects.filter(served_list=OuterRef("pk"), kind=ListFeedback.Kind.CLICKED)
    number = lists.count()
    return lists.filter(Exists(clicked)).count() / number if number else None


def _rated_by(user_ids: set[int], since: datetime) -> dict[int, list[tuple[int, datetime]]]:
    ratings = Rating.objects.filter(user_id__in=user_ids, rated_at__gte=since)
    found: dict[int, list[tuple[int, datetime]]] = {}
    for user, movie, at in ratings.order_by().values_list("user_id", "movie_id", "rated_at"):
        found.setdefault(user, []).append((movie, at))
    return found


def _start(days: int) -> datetime:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


def _each_day(days: int, found: Mapping[date, dict[str, int]]) -> PerDay:
    first = _start(days).date()
    each = [first + timedelta(days=n) for n in range(days)]
    return [(day, dict(found.get(day, {}))) for day in each]
