"""The two baselines that every model is shown beside: popularity and ItemKNN."""

from collections.abc import Callable

import numpy as np

from .data import Column, Floats, Ids, TrainingData, UserInput

Scorer = Callable[[UserInput], Floats]  # scores of all candidates for one user

NEIGHBOURS = 100
SHRINK = 20.0
LARGEST_MATRIX = 20_000  # movies; beyond that ItemKNN keeps to the most popular ones


def popularity(data: TrainingData, candidates: Ids) -> Scorer:
    """Scores every movie by its number of ratings."""
    counts = _counts(data, candidates)
    return lambda user: counts


def item_knn(data: TrainingData, candidates: Ids) -> Scorer:
    """Sum of a movie's cosines to those of its 100 neighbours in the history, shrunk by 20 co-ratings.

    Sarwar et al., WWW 2001. Needs movies^2 floats: 55 MB for MovieLens 1M.
    """
    kept = candidates
    if len(candidates) > LARGEST_MATRIX:
        most_rated = np.argsort(-_counts(data, candidates), kind="stable")[:LARGEST_MATRIX]
        kept = candidates[np.sort(most_rated)]
    similarities = nearest(cosines(data, kept))
    places = np.searchsorted(candidates, kept)

    def score(user: UserInput) -> Floats:
        scores = np.zeros(len(candidates), np.float32)
        scores[places] = similarities[candidate_rows(user.movie_ids, kept)].sum(axis=0)
        return scores

    return score


def candidate_rows(movie_ids: Column, candidates: Ids) -> Ids:
    """Places of the movies among the sorted candidates; others are left out."""
    places = np.minimum(np.searchsorted(candidates, movie_ids), len(candidates) - 1)
    return places[candidates[places] == movie_ids]


def _counts(data: TrainingData, candidates: Ids) -> Floats:
    rows = candidate_rows(data.movie_ids, candidates)
    return np.bincount(rows, minlength=len(candidates)).astype(np.float32)


def co_ratings(data: TrainingData, candidates: Ids) -> Floats:
    """[n, n] How many users rated both of two candidates; on the diagonal how many rated each."""
    together = np.zeros((len(candidates), len(candidates)), np.float32)
    _, starts, stops = data.bounds()
    size = max(1, 20_000_000 // len(candidates))
    for first in range(0, len(starts), size):
        block = np.zeros((min(size, len(starts) - first), len(candidates)), np.float32)
        for i in range(len(block)):
            history = data.movie_ids[starts[first + i] : stops[first + i]]
            block[i, candidate_rows(history, candidates)] = 1
        together += block.T @ block
    return together


def cosines(data: TrainingData, candidates: Ids) -> Floats:
    """Cosines of the movies' columns of ratings (rated or not), shrunk towards zero where few rated both."""
    together = co_ratings(data, candidates)
    norms = np.sqrt(np.maximum(together.diagonal(), 1))
    similarities = together / (norms[:, None] * norms[None, :] + SHRINK)
    np.fill_diagonal(similarities, 0)
    return similarities.astype(np.float32)


def nearest(similarities: Floats) -> Floats:
    """[from movie, to movie] Only the 100 largest of each column, the neighbours of the movie that is scored;
    the others become zero.
    """
    if len(similarities) <= NEIGHBOURS:
        return similarities
    borders = np.partition(similarities, -NEIGHBOURS, axis=0)[-NEIGHBOURS]
    similarities[similarities < borders] = 0
    return similarities
