"""Speed of training: ratings per second, seconds per epoch, peak memory, accuracy over time.

    python -m bench.training DATA [--epochs 2] [--seed 0] [--set KEY=VALUE ...]

DATA is a MovieLens folder; without --epochs as many as the default configuration takes. Accuracy is nDCG@10
of both horizons on what the training holds out by itself. CPU seconds say more than wall time where the
machine does other things too. Under Paddle's launcher several processes train together; the CPU seconds are
those of the first:

    PYTHONPATH=. python -m paddle.distributed.launch --nproc_per_node 2 --backend gloo bench/training.py DATA
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

from bench import record
from bench.accuracy import configuration
from bench.movielens import read_movielens
from recommendations.two_tower.parallel import Workers
from recommendations.two_tower.train import Progress, train


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
    }
    print(f"{read} ratings in {wall:.0f} s ({read / wall:.0f}/s), {cpu:.0f} CPU s ({read / cpu:.0f}/s)")
    print(f"peak memory {record.peak_gib():.2f} GiB")
    for entry in model.metrics["log"]:
        print(json.dumps(record.rounded(entry)))
    print(kept.save())


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
