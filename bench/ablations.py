"""The default configuration with one thing changed at a time, over several seeds.

    python -m bench.ablations DATA [--seed 0 1 2] [--only PART ...] [--again]

DATA is a MovieLens folder; ML-100K takes about a minute for each training. Every user's last rating, the
leave-one-out test, is left out altogether. Of what remains, everybody with ten ratings loses the latest
tenth (at most ten). The numbers are nDCG@10 of those for both horizons, as a training's own validation
computes them, but over all of these users. A training's record is kept, and not repeated without --again.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench import record
from bench.movielens import read_movielens
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import TrainingData, UserTable
from recommendations.two_tower.splits import leave_one_out
from recommendations.two_tower.train import train
from recommendations.two_tower.validation import Validation, hold_out_users

Change = dict[str, Any]
NO_DEMOGRAPHICS = "no demographics"

CHANGES: dict[str, Change] = {
    "default": {},
    "weeks_weight 0.25": {"weeks_weight": 0.25},
    "weeks_weight 1": {"weeks_weight": 1.0},
    "target_share 0.5": {"target_share": 0.5},
    "hide_seen off": {"hide_seen": False},
    "factor_start off": {"factor_start": False},
    "user_id_dropout 0": {"user_id_dropout": 0.0},
    "no user IDs": {"user_id_limit": 0},
    NO_DEMOGRAPHICS: {},
    "movie_id_dropout 0": {"movie_id_dropout": 0.0},
    "movie_id_dropout 0.2": {"movie_id_dropout": 0.2},
    "averaging off": {"averaging": 0.0},
    "history_length 49": {"history_length": 49},
    "history_length 399": {"history_length": 399},
    "1 layer": {"layers": 1},
    "3 layers": {"layers": 3},
    "width 64": {"width": 64},
    "width 192": {"width": 192},
    "dropout 0.1": {"dropout": 0.1},
    "dropout 0.3": {"dropout": 0.3},
    "learning_rate 0.001": {"learning_rate": 1e-3},
    "learning_rate 0.004": {"learning_rate": 4e-3},
    "muon off": {"muon": False},
    "transition_window 3": {"transition_window": 3},
    "transition_dimension 32": {"transition_dimension": 32},
    "steps_per_epoch 120": {"steps_per_epoch": 120},
    "weight_decay 0.1": {"weight_decay": 0.1},
    "cuts 4": {"cuts": 4},
    "cuts 24": {"cuts": 24},
    "session_cut_weight 1": {"session_cut_weight": 1.0},
    "12 epochs": {"epochs": 12},
}


def main() -> None:
    args = _arguments()
    data, _ = read_movielens(args.data)
    known = leave_one_out(data).before
    wanted = [name for name in CHANGES if not args.only or any(part in name for part in args.only)]
    for seed in args.seed:
        for name in wanted:
            kept = record.begin("ablations", args.data, seed=seed, name=name.replace(" ", "_"), quiet=True)
            if (record.FOLDER / f"{kept.name}.json").exists() and not args.again:
                continue
            kept.values = {"change": name, **measured(known, name, seed)}
            kept.save()
            print(
                seed,
                name,
                record.rounded(kept.values["metrics"]),
                f"{kept.values['cpu_seconds']} CPU s",
                flush=True,
            )


def measured(known: TrainingData, name: str, seed: int) -> dict[str, Any]:
    """Metrics over all questions, and what the training took."""
    if name == NO_DEMOGRAPHICS:
        known = replace(known, users=UserTable.of(known.users.user_ids))
    config = replace(TwoTowerConfig(), **CHANGES[name])
    trained, validation = questions(known, config)
    began = time.process_time()
    model = train(trained, config, seed=seed)
    seconds = time.process_time() - began
    return {
        "metrics": validation.metrics(model.serving_model()),
        "questions": len(validation.questions),
        "epochs": model.metrics["epochs"],
        "cpu_seconds": round(seconds),
    }


def questions(known: TrainingData, config: TwoTowerConfig) -> tuple[TrainingData, Validation]:
    """What to train on, and the questions about everybody's latest tenth."""
    _, starts, stops = known.bounds()
    return hold_out_users(known, np.flatnonzero(stops - starts >= 10), config)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="*", metavar="PART", help="changes whose names have this in them")
    parser.add_argument("--again", action="store_true", help="repeat those that are there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
