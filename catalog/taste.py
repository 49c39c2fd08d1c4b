"""Movies to ask a newcomer about: well known, so that they were seen, and unlike one another."""

from collections import Counter
from collections.abc import Sequence

from catalog.models import Movie, Rating, User

POOL = 100  # of the most rated movies
ENOUGH = 3  # ratings after which a list is personal
NOVELTY_IN_PLACES = 60  # a movie of new genres and decade may overtake so many more popular ones


def movies_to_rate(user: User, *, limit: int = 18) -> list[Movie]:
    """Popular movies that the user neither rated nor marked, over genres and decades; two queries."""
    known = Movie.objects.visible().exclude(pk__in=user.marks.values("movie")).popular()
    pool = list(known.exclude(pk__in=Rating.objects.of(user).values("movie")).for_cards()[:POOL])
    return [pool[place] for place in _spread([_traits(movie) for movie in pool], limit)]


def _traits(movie: Movie) -> list[str]:
    decade = [f"{movie.year // 10 * 10}s"] if movie.year else []
    return [genre.name for genre in movie.genres.all()] + decade


def _spread(traits: Sequence[list[str]], limit: int) -> list[int]:
    """Places of up to `limit` items, chosen one by one for traits not shown yet and for an early place."""
    shown: Counter[str] = Counter()
    left = list(range(len(traits)))
    chosen: list[int] = []
    while left and len(chosen) < limit:
        best = max(left, key=lambda place: _novelty(traits[place], shown) - place / NOVELTY_IN_PLACES)
        left.remove(best)
        chosen.append(best)
        shown.update(traits[best])
    return chosen


def _novelty(traits: list[str], shown: Counter[str]) -> float:
    """From 1 for traits that were never shown towards 0."""
    return sum(1 / (1 + shown[trait]) for trait in traits) / (len(traits) or 1)
