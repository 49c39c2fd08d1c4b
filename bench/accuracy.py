"""Trains on a protocol's training part and scores the ranking of its test users.

    python -m bench.accuracy DATA --protocol leave-one-out|temporal [--validation] [--seed 0]
        [--set epochs=12 ...] [--rankings FILE.csv] [--baselines] [--artifact FOLDER]

DATA is a MovieLens folder. --validation asks about the validation part and hides the test part: choose
by that, and report the test once.
"""

import argparse
import csv
import json
import platform
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.movielens import read_movielens
from recommendations.two_tower.artifact import save_artifact
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.evaluate import (
    Rankings,
    baseline_metrics,
    leave_one_out,
    model_scorer,
    movies_by_id,
    rankings,
    score_rankings,
    temporal,
)
from recommendations.two_tower.train import Progress, train


def main() -> None:
    args = _arguments()
    data, order = read_movielens(Path(args.data))
    if args.protocol == "leave-one-out":
        split = leave_one_out(data, for_validation=args.validation)
    else:
        split = temporal(data, order=order, for_validation=args.validation)
    print("command:", " ".join(sys.argv), "| cpu:", platform.processor() or platform.machine(), flush=True)
    print(f"{len(split.relevant)} users, {len(split.candidates)} candidates, {len(split.before)} ratings")
    if args.baselines:
        for name, metrics in baseline_metrics(split).items():
            print(_row(name, metrics), flush=True)
    config = replace(TwoTowerConfig(), **dict(setting(text) for text in args.set))
    began = time.process_time()
    model = train(split.before, config, seed=args.seed, on_progress=_show)
    print(f"CPU seconds {time.process_time() - began:.0f}", json.dumps(model.metrics["validation"]))
    for entry in model.metrics["log"]:
        print(json.dumps({key: round(value, 4) for key, value in entry.items()}))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    if args.artifact:
        save_artifact(model, Path(args.artifact))
    scorer = model_scorer(model.serving_model(), split, movies_by_id(data))
    ranked = rankings(split, scorer)
    print(_row("two towers", score_rankings(ranked, split.relevant)))
    if args.rankings:
        _write(ranked, Path(args.rankings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    parser.add_argument("--protocol", choices=["leave-one-out", "temporal"], required=True)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    parser.add_argument("--rankings")
    parser.add_argument("--baselines", action="store_true")
    parser.add_argument("--artifact", help="where the model is written to")
    return parser.parse_args()


def setting(text: str) -> tuple[str, object]:
    key, _, value = text.partition("=")
    return key, json.loads(value)


def _show(progress: Progress) -> None:
    if progress.step % 20 == 0:
        return
    metric = "" if progress.metric is None else f" metric {progress.metric:.4f}"
    print(
        f"epoch {progress.epoch}/{progress.epochs} step {progress.step} loss {progress.loss:.3f}{metric} "
        f"{progress.seconds:.0f} s, {progress.eta_seconds:.0f} s left",
        flush=True,
    )


def _row(name: str, metrics: dict[str, float]) -> str:
    return name + " " + json.dumps({key: round(value, 4) for key, value in metrics.items()})


def _write(ranked: Rankings, path: Path) -> None:
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["user_id", "rank", "movie_id"])
        for user, movies in ranked.items():
            writer.writerows((user, place, movie) for place, movie in enumerate(movies, start=1))


if __name__ == "__main__":
    main()
