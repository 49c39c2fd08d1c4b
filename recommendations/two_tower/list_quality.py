"""What lists are like beside being right: how much of the catalogue they show, how popular, how alike.

Pure functions. `popularity` is a movie's number of ratings in the training part.
"""

import math
from collections.abc import Collection, Sequence

import numpy as np

from .data import Floats, Ids


def catalogue_coverage(lists: Sequence[Sequence[int]], catalogue: int) -> float:
    """Share of the catalogue's movies that are in any list."""
    return len({movie for movies in lists for movie in movies}) / catalogue


def gini(exposures: Ids | Floats) -> float:
    """How unevenly exposure falls on movies: 0 if all get the same, near 1 if one gets everything.

    `exposures` counts each movie of the catalogue, also those never shown. Half of the relative mean
    absolute difference.
    """
    ordered = np.sort(np.asarray(exposures, np.float64))
    n, total = len(ordered), ordered.sum()
    if not total:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total))


def popularity_percentiles(popularity: Floats) -> Floats:
    """For each movie the share of movies that are less popular; equal ones count half."""
    ordered = np.sort(popularity)
    below = np.searchsorted(ordered, popularity, "left") + np.searchsorted(ordered, popularity, "right")
    return (below / (2 * len(popularity))).astype(np.float32)


def most_popular(popularity: Floats, share: float) -> Ids:
    """Places of the most popular movies, so many of each hundred as `share` says, at least one."""
    count = max(1, round(len(popularity) * share))
    return np.argsort(-popularity, kind="stable")[:count]


def novelty(popularity: Floats, users: int) -> Floats:
    """For each movie the bits of surprise that a user has rated it: -log2 of the share of users who did.

    Vargas and Castells 2011. A movie without ratings counts as if it had one.
    """
    return -np.log2(np.maximum(popularity, 1) / users).astype(np.float32)


def genre_diversity(genres: Sequence[Collection[str]]) -> float:
    """Mean over a list's pairs of 1 - shared genres / all genres of both; 0 for fewer than two movies."""
    pairs = [(set(a), set(b)) for i, a in enumerate(genres) for b in genres[:i]]
    if not pairs:
        return 0.0
    return math.fsum(1 - len(a & b) / max(1, len(a | b)) for a, b in pairs) / len(pairs)


def vector_diversity(directions: Floats) -> float:
    """Mean over the pairs of a list of 1 - cosine; `directions` [n, d] have length 1."""
    n = len(directions)
    if n < 2:
        return 0.0
    total = float(
        np.square(directions.sum(axis=0)).sum()
    )  # of the cosines of all pairs and of each to itself
    return 1 - (total - n) / (n * (n - 1))
