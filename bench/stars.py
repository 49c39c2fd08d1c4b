"""Error of predicted stars on a random tenth of the ratings.

python -m bench.stars DATA [--seed 0] [--set epochs=4 ...]
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.accuracy import setting
from bench.movielens import read_movielens
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import Floats, TrainingData
from recommendations.two_tower.serving_model import ServingModel
from recommendations.two_tower.train import train


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
    model = train(known, config, seed=args.seed).serving_model()
    print(f"two towers: RMSE {rmse(predictions(model, known, test), test):.4f}")


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


def predictions(model: ServingModel, known: TrainingData, test: TrainingData) -> Floats:
    """Stars for each test rating, from the user's known ratings."""
    ids, starts, stops = test.bounds()
    parts = [
        model.predict_stars(user, test.movie_ids[start:stop])
        for user, start, stop in zip(known.user_inputs(ids), starts, stops, strict=True)
    ]
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
