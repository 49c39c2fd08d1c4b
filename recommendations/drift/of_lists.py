"""The health of the lists that were served: concentration, empty ones, movies that had been seen."""

from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np

from catalog.models import Movie, Rating
from recommendations.batching import batches
from recommendations.drift.measured import Measured
from recommendations.models import ServedList

LOOKED_AT = 5_000  # the latest lists
LISTS_AT_ONCE = 100  # whose ratings are looked up by one query
ENOUGH = 20  # lists
NARROWING = ("genre", "year_min", "year_max", "min_predicted_rating", "exclude")  # fields of a ListRequest


def concentration(since: datetime) -> Measured:
    """Share of the places in lists taken by the 1 % of the catalogue that was served most."""
    lists = list(_lists(since).values_list("movie_ids", flat=True)[:LOOKED_AT])
    served = Counter(movie_id for movie_ids in lists for movie_id in movie_ids)
    catalogue = max(Movie.objects.visible().count(), len(served))
    if len(lists) < ENOUGH or not served:
        return Measured(None, len(lists))
    most = served.most_common(-(-catalogue // 100))
    share = sum(times for _movie_id, times in most) / served.total()
    times = np.zeros(catalogue)
    times[: len(served)] = list(served.values())
    return Measured(share, len(lists), {"gini": round(gini(times), 4), "movies served": len(served)})


def gini(values: np.ndarray) -> float:
    """0 where all values are equal, towards 1 where one has everything; of values from 0 on."""
    ordered = np.sort(values)
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def empty_lists(since: datetime) -> Measured:
    """Share of empty lists among those that nobody had narrowed by a filter."""
    rows = _lists(since).values_list("request", "movie_ids")[:LOOKED_AT]
    plain = [bool(movie_ids) for request, movie_ids in rows if not _is_narrowed(request)]
    if len(plain) < ENOUGH:
        return Measured(None, len(plain))
    return Measured(plain.count(False) / len(plain), len(plain))


def seen_leaks(since: datetime, *, last_rating: int) -> Measured:
    """How many movies were in a list of somebody who had rated them before; must be 0.

    Of lists served after `since`, by ratings up to the key `last_rating`, which were stored at that time:
    when a rating was given does not tell when it was stored, since people import earlier ones. Ratings of
    a duplicate that was merged into a movie since then had not been ratings of that movie.
    """
    lists = list(_lists(since).exclude(user=None).values_list("user_id", "movie_ids")[:LOOKED_AT])
    leaks = 0
    for some in batches(lists, LISTS_AT_ONCE):
        users = {user_id for user_id, _movie_ids in some}
        movies = {movie_id for _user_id, movie_ids in some for movie_id in movie_ids}
        merged = Movie.objects.filter(merged_into__in=movies, updated_at__gte=since)
        movies -= set(merged.values_list("merged_into_id", flat=True))
        ratings = Rating.objects.filter(user__in=users, movie__in=movies, pk__lte=last_rating)
        rated = set(ratings.values_list("user_id", "movie_id"))
        leaks += sum((user_id, movie_id) in rated for user_id, shown in some for movie_id in shown)
    return Measured(float(leaks), len(lists))


def _lists(since: datetime) -> Any:
    return ServedList.objects.filter(created_at__gt=since).order_by("-created_at")


def _is_narrowed(request: dict[str, Any]) -> bool:
    return any(request.get(name) for name in NARROWING)
