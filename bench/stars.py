"""Error and calibration of predicted stars on a random tenth of the ratings.

    python -m bench.stars DATA [--seed 0] [--validation] [--set star_dimension=24 ...]

DATA is a MovieLens folder. --validation takes another random tenth out of the nine that are known and asks
about that one: choose by it. A person is solved from their known ratings as the site does it, and timed.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import record
from bench.accuracy import configuration
from bench.movielens import read_movielens
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import Floats, TrainingData
from recommendations.two_tower.star_fit import fit_stars
from recommendations.two_tower.stars import HIGHEST, LOWEST, StarFactors, person_of
from recommendations.two_tower.threads import single_blas_thread
from recommendations.two_tower.vocabulary import Vocabulary

TENTH = 0.1


def main() -> None:
    args = _arguments()
    data, _ = read_movielens(args.data)
    name = "-".join([*(["validation"] if args.validation else []), *args.set])
    kept = record.begin("stars", args.data, seed=args.seed, name=name)
    known, test = random_tenth(data, np.random.default_rng(args.seed))
    if args.validation:
        known, test = random_tenth(known, np.random.default_rng([args.seed, 1]))
    predicted, values = predictions(known, test, configuration(args.set), args.seed)
    kept.values = {
        "part": "validation" if args.validation else "test",
        "ratings": len(test),
        "baseline_rmse": rmse(means(known, test), test),
        "rmse": rmse(predicted, test),
        "mae": float(np.mean(np.abs(predicted - test.stars))),
        "calibration": calibration(predicted, test),
        **values,
    }
    print(f"means of movie and user: RMSE {kept.values['baseline_rmse']:.4f}")
    print(f"predicted stars: RMSE {kept.values['rmse']:.4f}, MAE {kept.values['mae']:.4f}")
    print(f"{values['cpu_seconds']:.1f} CPU s, {values['ms_a_person']:.2f} ms a person")
    for row in kept.values["calibration"]:
        print(f"predicted {row['predicted']:.2f}, given {row['given']:.2f} ({row['ratings']})")
    print(kept.save())


def random_tenth(data: TrainingData, generator: np.random.Generator) -> tuple[TrainingData, TrainingData]:
    """The other nine, and the tenth."""
    tested = generator.random(len(data)) < TENTH
    return data.keep(~tested), data.keep(tested)


def rmse(predicted: Floats, test: TrainingData) -> float:
    return float(np.sqrt(np.mean((predicted - test.stars) ** 2)))


def calibration(predicted: Floats, test: TrainingData) -> list[dict[str, float]]:
    """Mean predicted and mean given stars, for each half star of prediction."""
    rows = []
    for low in np.arange(LOWEST, HIGHEST, 0.5):
        near = (predicted >= low) & ((predicted < low + 0.5) | (low + 0.5 >= HIGHEST))
        if near.any():
            found = {"predicted": float(predicted[near].mean()), "given": float(test.stars[near].mean())}
            rows.append({**found, "ratings": int(near.sum())})
    return rows


def means(known: TrainingData, test: TrainingData) -> Floats:
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


def predictions(
    known: TrainingData, test: TrainingData, config: TwoTowerConfig, seed: int
) -> tuple[Floats, dict[str, Any]]:
    """Stars for each test rating from the user's known ratings, and what they cost. Needs no towers."""
    single_blas_thread()
    began = time.process_time()
    user_rows = np.unique(known.user_ids, return_inverse=True)[1]
    vocabulary = Vocabulary.of(known, config)
    rows = vocabulary.movie_rows(known.movie_ids)
    no_vectors = np.zeros((len(vocabulary.movie_ids) + 1, 1), np.float32)
    stars = fit_stars(user_rows, rows, known.stars, no_vectors, config, seed)
    fitted = time.process_time() - began
    predicted, seconds = _asked(stars, known, test, vocabulary)
    return predicted, {"cpu_seconds": round(fitted, 1), "ms_a_person": 1000 * seconds}


def _asked(
    stars: StarFactors, known: TrainingData, test: TrainingData, vocabulary: Vocabulary
) -> tuple[Floats, float]:
    """Predicted stars, and the mean CPU seconds to solve a person."""
    mean = known.stars.mean(dtype=np.float32)
    rows, tested = vocabulary.movie_rows(known.movie_ids), vocabulary.movie_rows(test.movie_ids)
    predicted = mean + stars.bias[tested]
    ids, starts, stops = known.bounds()
    seconds = 0.0
    for user_id, start, stop in zip(ids, starts, stops, strict=True):
        began = time.process_time()
        person = person_of(stars, rows[start:stop], known.stars[start:stop] - mean)
        seconds += time.process_time() - began
        asked = slice(*np.searchsorted(test.user_ids, [user_id, user_id + 1]))
        predicted[asked] += stars.factors[tested[asked]] @ person.factors
    return np.clip(predicted, LOWEST, HIGHEST), seconds / len(ids)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
