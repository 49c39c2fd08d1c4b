"""What two models would show the same people, side by side: exact inner products, no index needed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .config import Horizon
from .data import Floats, Ids, MovieInput, UserInput
from .evaluate import rank
from .serving_model import ServingModel

K = 10
MOVERS = 10  # in each direction

Lists = list[list[int]]  # movie IDs of each user, best first


@dataclass(frozen=True)
class Mover:
    """A movie, and in how many of the lists of both models it is."""

    movie_id: int
    before: int
    after: int


@dataclass(frozen=True)
class Differences:
    """Of lists of K movies for a sample of users; "before" is the other model, "after" the one looked at."""

    users: int
    overlap: float  # mean share of a list that is in the other list of the same user
    coverage: tuple[float, float]  # shares of the catalogue in any list, before and after
    genres: dict[str, tuple[float, float]]  # shares of the places, each movie's shared among its genres
    risen: list[Mover]
    fallen: list[Mover]


def ranked_lists(
    model: ServingModel, users: Sequence[UserInput], movies: Sequence[MovieInput], *, now: int, k: int = K
) -> tuple[Lists, list[Floats]]:
    """For each user the best movies that they have not rated, and their scores."""
    ordered = sorted(movies, key=lambda movie: movie.movie_id)
    ids: Ids = np.array([movie.movie_id for movie in ordered], np.int64)
    vectors = model.movie_vectors(ordered)
    lists, scores = [], []
    for user in users:
        products = vectors @ model.user_vector(user, horizon=Horizon.WEEKS, now=now)
        best = rank(products, ids, user.movie_ids, k)
        lists.append(best)
        scores.append(products[np.searchsorted(ids, best)])
    return lists, scores


def differences(before: Lists, after: Lists, movies: Sequence[MovieInput]) -> Differences:
    """Of the lists of the same users, in the same order; at least one user."""
    genres_of = {movie.movie_id: movie.genres for movie in movies}
    overlaps = [len(set(a) & set(b)) / max(1, len(b)) for a, b in zip(before, after, strict=True)]
    counts = [Counter(movie for movies in lists for movie in movies) for lists in (before, after)]
    mixes = [_genre_mix(lists, genres_of) for lists in (before, after)]
    return Differences(
        users=len(after),
        overlap=float(np.mean(overlaps)),
        coverage=(len(counts[0]) / len(movies), len(counts[1]) / len(movies)),
        genres={
            name: (mixes[0].get(name, 0.0), mixes[1].get(name, 0.0)) for name in sorted(mixes[0] | mixes[1])
        },
        risen=_movers(counts[0], counts[1], rising=True),
        fallen=_movers(counts[0], counts[1], rising=False),
    )


def _genre_mix(lists: Lists, genres_of: Mapping[int, Collection[str]]) -> dict[str, float]:
    shares: Counter[str] = Counter()
    for movie in (movie for movies in lists for movie in movies):
        for genre in genres_of[movie] or ("–",):
            shares[genre] += 1 / max(1, len(genres_of[movie]))  # type: ignore[assignment]
    total = sum(len(movies) for movies in lists)
    return {name: share / max(1, total) for name, share in shares.items()}


def _movers(before: Counter[int], after: Counter[int], *, rising: bool) -> list[Mover]:
    sign = 1 if rising else -1
    movers = [Mover(movie, before[movie], after[movie]) for movie in before | after]
    moved = [mover for mover in movers if sign * (mover.after - mover.before) > 0]
    return sorted(moved, key=lambda mover: (-sign * (mover.after - mover.before), mover.movie_id))[:MOVERS]
