"""Stores the ratings that their owner confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.deadlocks import again_after_deadlock
from catalog.models import Mark, Movie, Rating, User
from catalog.services import lock_movies, refresh_rating_statistics


@dataclass(frozen=True)
class NewRating:
    stars: float
    rated_at: datetime | None


@again_after_deadlock
def add_ratings(user: User, ratings: Mapping[int, NewRating]) -> int:
    """Rate these movies, by ID, and return how many; what is rated, withdrawn or gone is left alone.

    A moment to come counts as now. A movie that was merged into another stands for that one. Rated movies
    leave the watchlist.
    """
    now = timezone.now()
    with transaction.atomic():
        ratings = {movie_id: ratings[named] for named, movie_id in lock_movies(ratings).items()}
        rated = Rating.objects.of(user).filter(movie_id__in=ratings).values_list("movie_id", flat=True)
        there = Movie.objects.visible().filter(pk__in=ratings).values_list("pk", flat=True)
        fresh = sorted(set(there) - set(rated))
        Rating.objects.bulk_create(
            [
                Rating(
                    user=user,
                    movie_id=pk,
                    stars=ratings[pk].stars,
                    rated_at=min(ratings[pk].rated_at or now, now),
                )
                for pk in fresh
            ],
            batch_size=500,
            ignore_conflicts=True,  # sent twice at once
        )
        Mark.objects.filter(user=user, movie__in=fresh, kind=Mark.Kind.WATCHLIST).delete()
        refresh_rating_statistics(fresh, locked=True)
    return len(fresh)
