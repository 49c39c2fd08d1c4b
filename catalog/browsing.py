"""Which movies a browse page lists, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from catalog.expectations import NothingExpected, expected_stars
from catalog.models import Mark, Movie, MovieQuerySet, Rating, User
from catalog.search import words_of

ORDERS = ("popular", "predicted", "best", "newest", "oldest", "title")
INSTEAD_OF_PREDICTED = "best"
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
    ratings_min: int | None = None
    order: str = "popular"
    shown: str = ""


@dataclass(frozen=True)
class Listing:
    """The IDs of the movies that are listed, and the stars where they are sorted by them."""

    movie_ids: QuerySet[Movie, int] | Sequence[int]
    expected: Mapping[int, float] = field(default_factory=dict)
    notice: str = ""  # why the list is not sorted as wished


def listing_of(user: User | AnonymousUser, wishes: Wishes) -> Listing:
    """The movies that fit `wishes`; by weighted average where nobody can say what `user` would give."""
    if wishes.order != "predicted":
        return Listing(browse(user, wishes).values_list("pk", flat=True))
    try:
        return _by_prediction(user, wishes)
    except NothingExpected as reason:
        rest = _("Sorted by average rating instead.")
        instead = listing_of(user, replace(wishes, order=INSTEAD_OF_PREDICTED))
        return replace(instead, notice=f"{reason} {rest}".strip())


def _by_prediction(user: User | AnonymousUser, wishes: Wishes) -> Listing:
    """Highest predicted stars first, of equal ones the most rated."""
    if not user.is_authenticated:
        raise NothingExpected(_("Log in to sort by what you would like."))
    movie_ids = list(browse(user, replace(wishes, order="popular")).values_list("pk", flat=True))
    expected = expected_stars(user, movie_ids)
    return Listing(sorted(movie_ids, key=lambda pk: -expected[pk]), expected)


def browse(user: User | AnonymousUser, wishes: Wishes) -> MovieQuerySet:
    movies = (
        Movie.objects.visible()
        .matching(" ".join(words_of(wishes.words)))
        .released(wishes.year_min, wishes.year_max)
    )
    if wishes.genre:
        movies = movies.in_genre(wishes.genre)
    if wishes.ratings_min is not None:
        movies = movies.filter(rating_count__gte=wishes.ratings_min)
    if user.is_authenticated:
        movies = _shown(movies, user, wishes.shown)
    return _ordered(movies, wishes.order)


def _shown(movies: MovieQuerySet, user: User, shown: str) -> MovieQuerySet:
    def marked(kind: Mark.Kind) -> Exists:
        return Exists(user.marks.filter(kind=kind, movie=OuterRef("pk")))

    rated = Exists(Rating.objects.filter(user=user, movie=OuterRef("pk")))
    seen = Q(rated) | Q(marked(Mark.Kind.UNFINISHED))
    match shown:
        case "unseen":
            return movies.exclude(seen)
        case "seen":
            return movies.filter(seen)
        case "watchlist":
            return movies.filter(marked(Mark.Kind.WATCHLIST))
        case _:
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
