"""What one user said of movies: stars and marks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from catalog.models import Mark, Movie, Rating, User


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
    ratings = Rating.objects.of(user).filter(movie_id__in=ids).values_list("movie_id", "stars", "rated_at")
    rated = {movie_id: (stars, rated_at) for movie_id, stars, rated_at in ratings}
    kinds: defaultdict[int, set[str]] = defaultdict(set)
    for movie_id, kind in Mark.objects.filter(user=user, movie_id__in=ids).values_list("movie_id", "kind"):
        kinds[movie_id].add(kind)
    opinions = {}
    for pk in rated.keys() | kinds.keys():
        stars, rated_at = rated.get(pk, (None, None))
        opinions[pk] = Opinion(stars, frozenset(kinds[pk]), rated_at)
    return opinions
