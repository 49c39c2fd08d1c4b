"""Speed of training: ratings per second, seconds per epoch, peak memory, accuracy over time.

    python -m bench.training DATA [--epochs 2] [--seed 0]

DATA is a MovieLens folder. CPU seconds say more than wall time where the machine does other things too.
"""

import argparse
import json
import os
import platform
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.movielens import read_movielens
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.train import Progress, train


class Clock:
    """Wall and CPU seconds at the end of each epoch."""

    def __init__(self) -> None:
        self.wall, self.cpu, self.epoch = time.monotonic(), time.process_time(), 1

    def __call__(self, progress: Progress) -> None:
        if progress.epoch == self.epoch and progress.eta_seconds > 0:
            return
        wall, cpu = time.monotonic(), time.process_time()
        print(f"epoch {self.epoch}: {wall - self.wall:.1f} s, {cpu - self.cpu:.1f} CPU s", flush=True)
        self.wall, self.cpu, self.epoch = wall, cpu, progress.epoch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    data, _ = read_movielens(Path(args.data))
    print("command:", " ".join(sys.argv), "|", platform.machine(), f"{os.cpu_count()} CPUs")
    wall, cpu = time.monotonic(), time.process_time()
    model = train(data, replace(TwoTowerConfig(), epochs=args.epochs), seed=args.seed, on_progress=Clock())
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    read = len(data) * args.epochs
    print(f"{read} ratings in {wall:.0f} s ({read / wall:.0f}/s), {cpu:.0f} CPU s ({read / cpu:.0f}/s)")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    for entry in model.metrics["log"]:
        print(json.dumps({key: round(value, 4) for key, value in entry.items()}))


if __name__ == "__main__":
    main()
