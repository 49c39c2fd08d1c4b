"""Warm start: a training that goes on from a model of the earlier ratings, beside a full one.

    python -m bench.warm_start DATA [--epochs 1 2 3] [--seed 0]

DATA is a MovieLens folder. A base is trained on the earliest 90 % of the ratings; then the latest 10 % have
come in, and a full training and warm starts from the base read all of them. All are asked about the ratings
that a training holds out by itself, which none of them was trained on; the full training picks its best epoch
by them, which favours it. --epochs of the warm starts; without it as many as the configuration takes.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench import record
from bench.movielens import read_movielens
from recommendations.two_tower.comparison import compare
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.serving_model import ServingModel
from recommendations.two_tower.train import train

EARLIER_SHARE = 0.9


def earlier(data: TrainingData) -> TrainingData:
    """The earliest ratings; ties keep their order."""
    order = np.argsort(data.timestamps, kind="stable")
    kept = np.zeros(len(data), bool)
    kept[order[: int(len(data) * EARLIER_SHARE)]] = True
    return data.keep(kept)


def main() -> None:
    args = _arguments()
    data, _ = read_movielens(args.data)
    kept = record.begin("warm_start", args.data, seed=args.seed)
    config = TwoTowerConfig()
    base, base_row = _trained("base, of the earliest 90 %", earlier(data), config, args.seed)
    full, full_row = _trained("full", data, config, args.seed)
    rows = [base_row | _beside(base, full, data, config), full_row | _beside(full, None, data, config)]
    for epochs in args.epochs or [None]:
        own = replace(config, epochs=epochs)
        model, row = _trained("warm start", data, own, args.seed, base)
        rows.append(row | _beside(model, full, data, config))
        print(record.rounded({k: v for k, v in rows[-1].items() if isinstance(v, float)}), flush=True)
    kept.values = {"ratings": len(data), "rows": rows}
    print(kept.save())


def _trained(
    name: str, data: TrainingData, config: TwoTowerConfig, seed: int, base: ServingModel | None = None
) -> tuple[ServingModel, dict[str, Any]]:
    started = time.process_time()
    model = train(data, config, seed=seed, warm_start=base)
    seconds = time.process_time() - started
    print(f"{name}: {model.metrics['epochs']} epochs, {seconds:.0f} CPU s", flush=True)
    return model.serving_model(), {"name": name, "epochs": model.metrics["epochs"], "cpu_seconds": seconds}


def _beside(
    model: ServingModel, full: ServingModel | None, data: TrainingData, config: TwoTowerConfig
) -> dict[str, Any]:
    """nDCG@10 over both horizons, and its difference to the full training with a bootstrap interval."""
    held_out = compare(data, config, model, full).held_out
    row = {"users": held_out["users"], "ndcg@10": held_out["ndcg@10"]}
    return row if full is None else row | {"difference": held_out["differences"]["live"]}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
