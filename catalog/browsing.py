"""Which movies a browse page lists, and in which order."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, FloatField, OuterRef, Value
from django.db.models.functions import Cast, Coalesce

from catalog.models import Mark, Movie, MovieQuerySet, Rating, User
from catalog.search import words_of

ORDERS = ("popular", "best", "newest", "oldest", "title")
SHOWN = ("", "unseen", "seen", "watchlist")
PRIOR_RATINGS = 25  # a movie with few ratings is ranked as if it had these many average ones besides
PRIOR_MEAN = 3.25


@dataclass(frozen=True)
class Wishes:
    """What somebody wants to browse; the default is everything, most popular first."""

    words: str = ""
    genre: str = ""  # a slug
    year_min: int | None = None
    year_max: int | None = None
    order: str = "popular"
    shown: str = ""


def browse(user: User | AnonymousUser, wishes: Wishes) -> MovieQuerySet:
    movies = (
        Movie.objects.visible()
        .matching(" ".join(words_of(wishes.words)))
        .released(wishes.year_min, wishes.year_max)
    )
    if wishes.genre:
        movies = movies.in_genre(wishes.genre)
    if user.is_authenticated:
        movies = _shown(movies, user, wishes.shown)
    return _ordered(movies, wishes.order).for_cards()


def _shown(movies: MovieQuerySet, user: User, shown: str) -> MovieQuerySet:
    rated = Exists(Rating.objects.filter(user=user, movie=OuterRef("pk")))
    if shown == "unseen":
        return movies.filter(~rated)
    if shown == "seen":
        return movies.filter(rated)
    if shown == "watchlist":
        return movies.filter(Exists(user.marks.filter(kind=Mark.Kind.WATCHLIST, movie=OuterRef("pk"))))
    return movies


def _ordered(movies: MovieQuerySet, order: str) -> MovieQuerySet:
    match order:
        case "best":
            return movies.annotate(worth=_weighted_mean()).order_by("-worth", "-rating_count", "id")
        case "newest":
            return movies.order_by(F("year").desc(nulls_last=True), "-rating_count", "id")
        case "oldest":
            return movies.order_by(F("year").asc(nulls_last=True), "-rating_count", "id")
        case "title":
            return movies.order_by("search_title", "id")
        case _:
            return movies.popular()


def _weighted_mean() -> Cast:
    """The mean rating drawn towards the overall mean the fewer ratings there are (a Bayesian average)."""
    total = Coalesce(F("rating_mean"), Value(0.0)) * F("rating_count") + Value(PRIOR_MEAN * PRIOR_RATINGS)
    return Cast(total / (F("rating_count") + Value(float(PRIOR_RATINGS))), FloatField())
