"""Multi-step writes of the catalogue: rating, marking, derived figures."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Avg, Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.cards import forget_cards
from catalog.deadlocks import again_after_deadlock
from catalog.freshness import note_change
from catalog.models import Influence, Mark, Movie, Rating, User
from catalog.models.rating import validate_stars


def rate_movie(user: User, movie: Movie, *, stars: float, rated_at: datetime | None = None) -> Rating:
    """Give `movie` `stars` stars, replacing an earlier rating; the movie leaves the watchlist.

    Raises ValidationError unless `stars` is a number of half stars from 0.5 to 5.
    """
    rating, _created = put_rating(user, movie, stars=stars, rated_at=rated_at)
    return rating


@again_after_deadlock
def put_rating(
    user: User, movie: Movie, *, stars: float, rated_at: datetime | None = None
) -> tuple[Rating, bool]:
    """As `rate_movie`; also whether the rating is a new one rather than a replacement."""
    validate_stars(stars)
    with transaction.atomic():
        movie_id = lock_movies([movie.pk]).get(movie.pk, movie.pk)
        rating, created = Rating.objects.update_or_create(
            user=user, movie_id=movie_id, defaults={"stars": stars, "rated_at": rated_at or timezone.now()}
        )
        Mark.objects.filter(user=user, movie=movie_id, kind=Mark.Kind.WATCHLIST).delete()
    return rating, created


@again_after_deadlock
def remove_rating(user: User, movie: Movie) -> bool:
    """Forget the user's rating of `movie`; whether there was one."""
    with transaction.atomic():
        movie_ids = {movie.pk, *lock_movies([movie.pk]).values()}
        deleted, _by_model = Rating.objects.filter(user=user, movie__in=movie_ids).delete()
    return bool(deleted)


def lock_movies(movie_ids: Iterable[int]) -> dict[int, int]:
    """Let raters of these movies take turns, and return by ID which movie a rating of each belongs to.

    Their means are updated with each rating, and in MySQL raters would deadlock on their rows, which a new
    rating locks for reading first. They are locked in one order, so that no two wait for each other. A movie
    that was merged into another meanwhile gives its ratings to that one, which is locked then, too.
    """
    movies = Movie.objects.select_for_update().filter(pk__in=movie_ids).order_by("pk")
    rated = {
        pk: merged_into if withdrawn and merged_into else pk
        for pk, withdrawn, merged_into in movies.values_list("pk", "withdrawn", "merged_into")
    }
    if kept := set(rated.values()) - rated.keys():
        lock_movies(kept)
    return rated


def mark_movie(user: User, movie: Movie, *, kind: Mark.Kind) -> Mark:
    """Put `movie` on the user's list of `kind`; doing it twice is the same as once.

    What was not finished was seen, so it leaves the watchlist.
    """
    mark, _created = Mark.objects.get_or_create(user=user, movie=movie, kind=kind)
    if kind == Mark.Kind.UNFINISHED:
        unmark_movie(user, movie, kind=Mark.Kind.WATCHLIST)
    return mark


def unmark_movie(user: User, movie: Movie, *, kind: Mark.Kind) -> bool:
    """Take `movie` off the user's list of `kind`; whether it was on it."""
    deleted, _by_model = Mark.objects.filter(user=user, movie=movie, kind=kind).delete()
    return bool(deleted)


def weigh_rating(rating: Rating, *, weight: float) -> float:
    """Let `rating` count less for recommendations, or fully with a weight of 1; what it counted before."""
    before = Influence.objects.filter(rating=rating).values_list("weight", flat=True).first()
    if weight == 1:
        Influence.objects.filter(rating=rating).delete()
    else:
        Influence.objects.update_or_create(rating=rating, defaults={"weight": weight})
    return 1.0 if before is None else before


def refresh_rating_statistics(movie_ids: Iterable[int] | None = None, *, locked: bool = False) -> None:
    """Recompute number and mean of the ratings of these movies, or of all.

    Nobody rates several named movies meanwhile: MySQL sees the ratings that there are when it counts those of
    the first movie, so if it then waited for a rater of the second, it would miss what that one gives. Who
    holds the lock of `lock_movies` on them already says that they are `locked`.
    """
    if movie_ids is not None:
        movie_ids = tuple(movie_ids)
    movies = Movie.objects.all() if movie_ids is None else Movie.objects.filter(pk__in=movie_ids)
    ratings = Rating.objects.filter(movie=OuterRef("pk")).order_by().values("movie")
    with transaction.atomic(savepoint=False):
        if movie_ids and len(movie_ids) > 1 and not locked:
            lock_movies(movie_ids)
        movies.update(
            rating_count=Coalesce(Subquery(ratings.annotate(n=Count("pk")).values("n")), 0),
            rating_mean=Subquery(ratings.annotate(mean=Avg("stars")).values("mean")),
        )
        forget_cards(movie_ids)
        note_change()
