"""Speed of training: ratings per second, seconds per epoch, peak memory, accuracy over time.

    python -m bench.training DATA [--epochs 2] [--seed 0] [--set KEY=VALUE ...]

DATA is a MovieLens folder; without --epochs as many as the default configuration takes. Accuracy is nDCG@10
of both horizons on what the training holds out by itself. CPU seconds say more than wall time where the
machine does other things too. Under Paddle's launcher several processes train together; the CPU seconds are
those of the first:

    PYTHONPATH=. python -m paddle.distributed.launch --nproc_per_node 2 --backend gloo bench/training.py DATA

The bound is what the matrix products of an epoch take at the speed of one large product on this machine.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench import record
from bench.accuracy import configuration
from bench.movielens import read_movielens
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.features import content_width
from recommendations.two_tower.parallel import Workers
from recommendations.two_tower.products import product
from recommendations.two_tower.train import Progress, train
from recommendations.two_tower.vocabulary import Vocabulary

LARGE = 3_072  # rows and columns of the product that shows what the machine can do


class Clock:
    """Wall and CPU seconds of each epoch."""

    def __init__(self) -> None:
        self.wall, self.cpu, self.epoch = time.monotonic(), time.process_time(), 1
        self.epochs: list[dict[str, float]] = []

    def __call__(self, progress: Progress) -> None:
        if progress.epoch == self.epoch and progress.eta_seconds > 0:
            return
        wall, cpu = time.monotonic(), time.process_time()
        self.epochs.append({"seconds": round(wall - self.wall, 2), "cpu_seconds": round(cpu - self.cpu, 2)})
        print(f"epoch {self.epoch}: {wall - self.wall:.1f} s, {cpu - self.cpu:.1f} CPU s", flush=True)
        self.wall, self.cpu, self.epoch = wall, cpu, progress.epoch


def main() -> None:
    args, workers = _arguments(), Workers.launched()
    data, _ = read_movielens(args.data)
    kept = record.begin("training", args.data, seed=args.seed, name=_name(args, workers.size))
    config = configuration(args.set)
    if args.epochs:
        config = replace(config, epochs=args.epochs)
    clock, wall, cpu = Clock(), time.monotonic(), time.process_time()
    model = train(data, config, seed=args.seed, on_progress=clock, workers=workers)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    if not workers.leads:
        return
    read = len(data) * model.metrics["epochs"]
    kept.values = {
        "log": model.metrics["log"],
        "epochs": clock.epochs,
        "ratings": len(data),
        "seconds": round(wall, 1),
        "cpu_seconds": round(cpu, 1),
        "ratings_per_second": read / wall,
        "ratings_per_cpu_second": read / cpu,
        "peak_gib": record.peak_gib(),
        "matrix_gflops": operations(data, config, model.metrics["steps"] / model.metrics["epochs"]) / 1e9,
        "machine_gflops_per_second": machine_speed() / 1e9,
    }
    print(f"{read} ratings in {wall:.0f} s ({read / wall:.0f}/s), {cpu:.0f} CPU s ({read / cpu:.0f}/s)")
    print(f"peak memory {record.peak_gib():.2f} GiB")
    for entry in model.metrics["log"]:
        print(json.dumps(record.rounded(entry)))
    print(kept.save())


def operations(data: TrainingData, config: TwoTowerConfig, steps: float) -> float:
    """Floating-point operations of the matrix products of an epoch with the full softmax, gradients included.

    Without padding, with attention as if all histories had the full length, which it is masked to.
    """
    vocabulary = Vocabulary.of(data, config)
    movies, width, vector = len(vocabulary.movie_ids), config.width, config.learned_dimension
    linear = 4 * width**2 + 2 * width * config.feedforward
    position = config.layers * (linear + 2 * width * config.history_length)
    position += (config.state_dimension + 1) * movies  # the softmax
    table = vector * (width + config.state_dimension + 1) + vector * content_width(vocabulary) * 2 / 3
    return 2 * 3 * (len(data) * position + steps * movies * table)


def machine_speed() -> float:
    """Operations a second of a large product of matrices, by the best of five."""
    matrix = np.ones((LARGE, LARGE), np.float32)
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        product(matrix, matrix)
        best = min(best, time.perf_counter() - began)
    return float(2 * LARGE**3 / best)


def _name(args: argparse.Namespace, processes: int) -> str:
    epochs = [f"{args.epochs}_epochs"] if args.epochs else []
    return "-".join([*epochs, *([f"{processes}_processes"] if processes > 1 else []), *args.set])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
