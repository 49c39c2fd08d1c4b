"""What one user said of movies: stars and marks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from catalog.models import Mark, Movie, Rating, User
from catalog.prepared import Prepared


@dataclass(frozen=True)
class Opinion:
    stars: float | None = None
    kinds: frozenset[str] = frozenset()
    rated_at: datetime | None = None

    @property
    def on_watchlist(self) -> bool:
        return Mark.Kind.WATCHLIST in self.kinds

    @property
    def hidden(self) -> bool:
        return Mark.Kind.HIDDEN in self.kinds

    @property
    def unfinished(self) -> bool:
        return Mark.Kind.UNFINISHED in self.kinds


def opinion_of(user: User | AnonymousUser, movie: Movie) -> Opinion:
    """Two queries; none for a visitor."""
    return opinions_of(user, [movie.pk]).get(movie.pk, Opinion())


def opinions_of(user: User | AnonymousUser, movie_ids: Iterable[int]) -> dict[int, Opinion]:
    """By movie ID, for the movies that the user said anything of; two queries, none for a visitor."""
    if not user.is_authenticated:
        return {}
    ids = list(movie_ids)
    ratings = {rating.movie_id: rating for rating in _ratings.instances(user=user.pk, movies=ids)}
    kinds: defaultdict[int, set[str]] = defaultdict(set)
    for movie_id, kind in _marks.rows(user=user.pk, movies=ids):
        kinds[movie_id].add(kind)
    opinions = {}
    for pk in ratings.keys() | kinds.keys():
        rating = ratings.get(pk)
        stars, rated_at = (rating.stars, rating.rated_at) if rating else (None, None)
        opinions[pk] = Opinion(stars, frozenset(kinds[pk]), rated_at)
    return opinions


_ratings = Prepared(lambda user, movies: Rating.objects.filter(user=user, movie__in=movies))
_marks = Prepared(
    lambda user, movies: Mark.objects.filter(user=user, movie__in=movies).values_list("movie_id", "kind")
)
