"""Every baseline of the benchmarks: those of the project and costlier ones. Each scores all candidates.

    python -m bench.baselines DATA [--protocol leave-one-out|temporal ...]

Measured as `bench.accuracy` measures the towers, whose tables show them. Nothing in them is drawn.

`decay` is the number of later ratings after which a rating of the history counts 1/e of the latest.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench import record
from bench.accuracy import PROTOCOLS, scored, split_by
from bench.movielens import read_movielens
from recommendations.two_tower.baselines import (
    LARGEST_MATRIX,
    Scorer,
    candidate_rows,
    co_ratings,
    cosines,
    item_knn,
    nearest,
    popularity,
)
from recommendations.two_tower.data import Floats, Ids, TrainingData, UserInput
from recommendations.two_tower.evaluate import rankings
from recommendations.two_tower.splits import Split

LATEST = 5  # ratings of each user that recent popularity counts
EASE_RIDGE = 300.0
LARGEST_EASE = 10_000  # movies: to invert the square of so many takes 400 MB and half a minute
MARKOV_STEPS = 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--protocol", nargs="+", choices=PROTOCOLS, default=PROTOCOLS)
    args = parser.parse_args()
    data, order = read_movielens(args.data)
    for protocol in args.protocol:
        kept = record.begin("baselines", args.data, seed=0, name=protocol)
        split = split_by(protocol, data, order)
        metrics = {name: scored(name, rankings(split, s), split) for name, s in all_baselines(split)}
        kept.values = {"protocol": protocol, "metrics": metrics}
        print(kept.save())


def all_baselines(split: Split) -> Iterator[tuple[str, Scorer]]:
    """Name and scorer of each that the number of movies allows; one at a time, as each is large."""
    data, candidates = split.before, split.candidates
    yield "popularity", popularity(data, candidates)
    yield "recent popularity", recent_popularity(data, candidates)
    yield "ItemKNN", item_knn(data, candidates)
    if len(candidates) <= LARGEST_MATRIX:
        yield "ItemKNN, decay 20", by_history(nearest(cosines(data, candidates)), candidates, decay=20)
    if len(candidates) <= LARGEST_EASE:
        weights = ease_weights(data, candidates)
        yield "EASE", by_history(weights, candidates)
        yield "EASE, decay 10", by_history(weights, candidates, decay=10)
        del weights
        yield "Markov", by_history(transitions(data, candidates), candidates, decay=3)


def recent_popularity(data: TrainingData, candidates: Ids) -> Scorer:
    """Popularity among the last five ratings of each user."""
    _, starts, stops = data.bounds()
    latest = np.zeros(len(data), bool)
    for start, stop in zip(starts, stops, strict=True):
        latest[max(start, stop - LATEST) : stop] = True
    return popularity(data.keep(latest), candidates)


def by_history(weights: Floats, candidates: Ids, *, decay: float | None = None) -> Scorer:
    """Sum over the history of the weights [from movie, to movie], the latest rating counting most."""

    def score(user: UserInput) -> Floats:
        rows = candidate_rows(user.movie_ids, candidates)
        age = np.arange(len(rows) - 1, -1, -1, dtype=np.float32)
        shares = np.ones_like(age) if decay is None else np.exp(-age / decay)
        return shares @ weights[rows]

    return score


def ease_weights(data: TrainingData, candidates: Ids) -> Floats:
    """Item weights in closed form (Steck, WWW 2019) of rated-or-not, with a ridge of 300."""
    gram = co_ratings(data, candidates)
    gram.flat[:: len(gram) + 1] += EASE_RIDGE
    inverse = np.linalg.inv(gram)
    weights = inverse / -inverse.diagonal()[None, :]
    np.fill_diagonal(weights, 0)
    return weights


def transitions(data: TrainingData, candidates: Ids) -> Floats:
    """How often a movie followed another within ten ratings, by 1 / distance, as shares of each row."""
    n = len(candidates)
    rows = np.searchsorted(candidates, data.movie_ids)
    counts = np.zeros(n * n, np.float32)
    for distance in range(1, MARKOV_STEPS + 1):
        same = data.user_ids[:-distance] == data.user_ids[distance:]
        cells = rows[:-distance][same] * n + rows[distance:][same]
        pairs, times = np.unique(cells, return_counts=True)
        counts[pairs] += (times / distance).astype(np.float32)
    square = counts.reshape(n, n)
    return square / np.maximum(square.sum(axis=1, keepdims=True), 1)


if __name__ == "__main__":
    main()
