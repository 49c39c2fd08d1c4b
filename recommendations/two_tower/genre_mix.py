"""Which genres ratings went to, and how far apart two such mixtures are."""

from collections.abc import Mapping, Sequence

import numpy as np

from .data import Column, MovieInput

NO_GENRE = ""


def genre_mix(movie_ids: Column, movies: Sequence[MovieInput]) -> dict[str, float]:
    """Share of each genre among ratings of `movie_ids`; a rating is split evenly among its movie's genres.

    The shares add up to 1. Ratings of movies that are not among `movies` are left out.
    """
    rated, numbers = np.unique(movie_ids, return_counts=True)
    times = dict(zip(rated.tolist(), numbers.tolist(), strict=True))
    weights: dict[str, float] = {}
    for movie in movies:
        genres = movie.genres or (NO_GENRE,)
        for genre in genres:
            weights[genre] = weights.get(genre, 0.0) + times.get(movie.movie_id, 0) / len(genres)
    total = sum(weights.values())
    return {genre: weight / total for genre, weight in sorted(weights.items()) if weight}


def jensen_shannon(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The distance of two distributions: 0 for equal ones, 1 for those without anything in common.

    The root of the divergence with logarithms to the base of two (Endres and Schindelin, 2003).
    """
    names = sorted({*one, *other})
    p, q = (np.array([mix.get(name, 0.0) for name in names]) for mix in (one, other))
    middle = (p + q) / 2
    return float(np.sqrt(max(0.0, (_divergence(p, middle) + _divergence(q, middle)) / 2)))


def _divergence(p: np.ndarray, q: np.ndarray) -> float:
    held = p > 0
    return float(np.sum(p[held] * np.log2(p[held] / q[held])))
