"""Error of predicted stars on a random tenth of the ratings.

python -m bench.stars DATA [--seed 0] [--set star_dimension=24 ...]
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.accuracy import setting
from bench.movielens import read_movielens
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import Floats, TrainingData
from recommendations.two_tower.stars import HIGHEST, LOWEST, fit_stars, person_factors
from recommendations.two_tower.threads import single_blas_thread
from recommendations.two_tower.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    args = parser.parse_args()
    print("command:", " ".join(sys.argv), flush=True)
    data, _ = read_movielens(Path(args.data))
    tested = np.random.default_rng(args.seed).random(len(data)) < 0.1
    known, test = data.keep(~tested), data.keep(tested)
    print(f"means of movie and user: RMSE {rmse(baseline(known, test), test):.4f}", flush=True)
    config = replace(TwoTowerConfig(), **dict(setting(text) for text in args.set))
    began = time.process_time()
    predicted = predictions(known, test, config, args.seed)
    print(f"two towers: RMSE {rmse(predicted, test):.4f} after {time.process_time() - began:.1f} CPU s")
    for low in np.arange(1.0, 5.0, 0.5):
        near = (predicted >= low) & (predicted < low + 0.5)
        if near.any():
            print(
                f"predicted {predicted[near].mean():.2f}, given {test.stars[near].mean():.2f} ({near.sum()})"
            )


def rmse(predicted: Floats, test: TrainingData) -> float:
    return float(np.sqrt(np.mean((predicted - test.stars) ** 2)))


def baseline(known: TrainingData, test: TrainingData) -> Floats:
    """Mean + how much the movie is above it + how much the user is above that, each shrunk by 5 ratings."""
    mean = known.stars.mean()
    movies = _effects(known.movie_ids, known.stars - mean)
    left = known.stars - mean - np.array([movies[int(movie)] for movie in known.movie_ids])
    users = _effects(known.user_ids, left)
    pairs = zip(test.user_ids.tolist(), test.movie_ids.tolist(), strict=True)
    return np.array([mean + users.get(u, 0) + movies.get(m, 0) for u, m in pairs], np.float32)


def _effects(ids: np.ndarray, values: np.ndarray) -> dict[int, float]:
    distinct, places = np.unique(ids, return_inverse=True)
    sums = np.bincount(places, values)
    return dict(zip(distinct.tolist(), (sums / (np.bincount(places) + 5)).tolist(), strict=True))


def predictions(known: TrainingData, test: TrainingData, config: TwoTowerConfig, seed: int) -> Floats:
    """Stars for each test rating, from the user's known ratings. Needs no towers, only star factors."""
    single_blas_thread()
    user_ids, user_rows = np.unique(known.user_ids, return_inverse=True)
    vocabulary = Vocabulary.of(known, config)
    rows, mean = vocabulary.movie_rows(known.movie_ids), known.stars.mean()
    vectors = np.zeros((len(vocabulary.movie_ids) + 1, 1), np.float32)
    stars = fit_stars(user_rows, rows, known.stars, vectors, config, seed)
    tested = vocabulary.movie_rows(test.movie_ids)
    starts = np.searchsorted(known.user_ids, user_ids)
    stops = np.searchsorted(known.user_ids, user_ids, "right")
    predicted = mean + stars.bias[tested]
    for user_id, start, stop in zip(user_ids, starts, stops, strict=True):
        own = rows[start:stop]
        person = person_factors(stars.factors[own], stars.bias[own], known.stars[start:stop] - mean, config)
        asked = slice(*np.searchsorted(test.user_ids, [user_id, user_id + 1]))
        predicted[asked] += stars.factors[tested[asked]] @ person[:-1] + person[-1]
    return np.clip(predicted, LOWEST, HIGHEST)


if __name__ == "__main__":
    main()
