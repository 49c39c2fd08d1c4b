"""Many ratings of one user in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from catalog.deadlocks import again_after_deadlock
from catalog.models import Mark, Rating, User
from catalog.services import lock_movies, refresh_rating_statistics

COLUMNS = ("stars", "rated_at")


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class RatingWish:
    movie_id: int
    stars: float
    rated_at: datetime | None = None  # without it now, and a rating of the same stars keeps its own


@again_after_deadlock
def put_ratings(user: User, wishes: Sequence[RatingWish]) -> list[Outcome]:
    """Rate these movies, in their order, and return what became of each; a fixed number of queries.

    Rated movies leave the watchlist. The movies must exist.
    """
    now = timezone.now()
    with transaction.atomic():
        rated = lock_movies({wish.movie_id for wish in wishes})
        wishes = [replace(wish, movie_id=rated.get(wish.movie_id, wish.movie_id)) for wish in wishes]
        movie_ids = {wish.movie_id for wish in wishes}
        ratings = {r.movie_id: r for r in Rating.objects.of(user).filter(movie_id__in=movie_ids)}
        outcomes = [_put(user, ratings, wish, now) for wish in wishes]
        touched = {w.movie_id for w, o in zip(wishes, outcomes, strict=True) if o != Outcome.UNCHANGED}
        changed = [ratings[movie_id] for movie_id in sorted(touched)]
        new = [rating for rating in changed if rating.pk is None]
        Rating.objects.bulk_update([rating for rating in changed if rating.pk is not None], COLUMNS)
        Rating.objects.bulk_create(new)
        Mark.objects.filter(user=user, movie_id__in=movie_ids, kind=Mark.Kind.WATCHLIST).delete()
        refresh_rating_statistics(touched, locked=True)
    return outcomes


def _put(user: User, ratings: dict[int, Rating], wish: RatingWish, now: datetime) -> Outcome:
    """Do to `ratings`, by movie ID, what is wished."""
    rating = ratings.get(wish.movie_id)
    rated_at = min(wish.rated_at or now, now)
    if rating is None:
        ratings[wish.movie_id] = Rating(
            user=user, movie_id=wish.movie_id, stars=wish.stars, rated_at=rated_at
        )
        return Outcome.CREATED
    if rating.stars == wish.stars and wish.rated_at in (None, rating.rated_at):
        return Outcome.UNCHANGED
    rating.stars, rating.rated_at = wish.stars, rated_at
    return Outcome.UPDATED
