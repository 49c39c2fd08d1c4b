"""Trains on a protocol's training part and measures the ranking of its test users in every way.

    python -m bench.accuracy DATA [--protocol leave-one-out|temporal ...] [--seed 0] [--validation]
        [--set epochs=12 ...] [--rankings FILE.csv] [--artifact FOLDER]

DATA is a MovieLens folder. Without --protocol both, with a training each. Measured are HR, NDCG and Recall at
10, 20 and 100 over the whole catalogue; the same model asked the other horizon's question; segments of users,
and with leave-one-out of the pause before the rating asked for; coverage, popularity bias and diversity of
the lists, beside those of popularity. --validation asks about the validation part and hides the test part:
choose by that, and report the test once. --rankings and --artifact go with one protocol. The baselines are
measured by `bench.baselines`.
"""

import argparse
import csv
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import record
from bench.lists import list_quality
from bench.movielens import read_movielens
from bench.segments import by_pause, by_segment
from recommendations.two_tower.artifact import TrainedModel, save_artifact
from recommendations.two_tower.baselines import popularity
from recommendations.two_tower.config import Horizon, TwoTowerConfig
from recommendations.two_tower.data import MovieInput, TrainingData
from recommendations.two_tower.evaluate import (
    Rankings,
    leave_one_out,
    model_scorer,
    movies_by_id,
    rankings,
    score_rankings,
    temporal,
)
from recommendations.two_tower.splits import Split
from recommendations.two_tower.train import Progress, train

PROTOCOLS = ("leave-one-out", "temporal")
MODEL, POPULARITY = "two towers", "popularity"


def main() -> None:
    args = _arguments()
    data, order = read_movielens(args.data)
    for protocol in args.protocol:
        kept = record.begin("accuracy", args.data, seed=args.seed, name=_name(protocol, args))
        split = split_by(protocol, data, order, for_validation=args.validation)
        sizes = f"{len(split.candidates)} candidates, {len(split.before)} ratings before"
        print(f"{protocol}: {len(split.relevant)} users, {sizes}")
        began = time.process_time()
        model = train(split.before, configuration(args.set), seed=args.seed, on_progress=show)
        kept.values = {
            "protocol": protocol,
            "part": "validation" if args.validation else "test",
            "training": training_values(model, time.process_time() - began),
        }
        if args.artifact:
            save_artifact(model, args.artifact)
        ranked = measure(kept.values, model, split, movies_by_id(data))
        if split.horizon is Horizon.NEXT:
            kept.values["segments"] += by_pause(data, split, ranked)
        if args.rankings:
            write_rankings(ranked[MODEL], args.rankings)
        print(kept.save())


def split_by(protocol: str, data: TrainingData, order: Any, *, for_validation: bool = False) -> Split:
    if protocol == "leave-one-out":
        return leave_one_out(data, for_validation=for_validation)
    return temporal(data, order=order, for_validation=for_validation)


def configuration(settings: list[str]) -> TwoTowerConfig:
    """The default with KEY=VALUE settings, values as JSON."""
    return replace(TwoTowerConfig(), **dict(setting(text) for text in settings))


def setting(text: str) -> tuple[str, object]:
    key, _, value = text.partition("=")
    return key, json.loads(value)


def training_values(model: TrainedModel, cpu_seconds: float) -> dict[str, Any]:
    values = {"cpu_seconds": round(cpu_seconds), "peak_gib": record.peak_gib(), **model.metrics}
    print(f"CPU seconds {cpu_seconds:.0f}, peak memory {values['peak_gib']:.2f} GiB")
    for entry in model.metrics["log"]:
        print(json.dumps(record.rounded(entry)))
    return values


def measure(
    values: dict[str, Any], model: TrainedModel, split: Split, movies: Mapping[int, MovieInput]
) -> dict[str, Rankings]:
    """Adds what the lists of the model and of popularity are worth to the values; returns the lists."""
    serving = model.serving_model()
    other = Horizon.WEEKS if split.horizon is Horizon.NEXT else Horizon.NEXT
    ranked = {
        MODEL: rankings(split, model_scorer(serving, split, movies)),
        POPULARITY: rankings(split, popularity(split.before, split.candidates)),
    }
    values["metrics"] = {name: scored(name, lists, split) for name, lists in ranked.items()}
    asked_otherwise = rankings(split, model_scorer(serving, split, movies, horizon=other))
    name = f"{MODEL}, asked for {other}"
    values["metrics"][name] = scored(name, asked_otherwise, split)
    values["segments"] = by_segment(split, ranked)
    directions = serving.directions(serving.movie_vectors([movies[int(i)] for i in split.candidates]))
    values["lists"] = {name: list_quality(split, lists, movies, directions) for name, lists in ranked.items()}
    for name, quality in values["lists"].items():
        print("lists of", name, json.dumps(record.rounded(quality)))
    return ranked


def show(progress: Progress) -> None:
    if progress.step % 20 == 0:
        return
    metric = "" if progress.metric is None else f" metric {progress.metric:.4f}"
    print(
        f"epoch {progress.epoch}/{progress.epochs} step {progress.step} loss {progress.loss:.3f}{metric} "
        f"{progress.seconds:.0f} s, {progress.eta_seconds:.0f} s left",
        flush=True,
    )


def write_rankings(ranked: Rankings, path: Path) -> None:
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["user_id", "rank", "movie_id"])
        for user, movies in ranked.items():
            writer.writerows((user, place, movie) for place, movie in enumerate(movies, start=1))


def scored(name: str, ranked: Rankings, split: Split) -> dict[str, float]:
    """The metrics of what was ranked, printed under `name`."""
    metrics = score_rankings(ranked, split.relevant)
    print(name, json.dumps(record.rounded(metrics)), flush=True)
    return metrics


def _name(protocol: str, args: argparse.Namespace) -> str:
    return "-".join([protocol, *(["validation"] if args.validation else []), *args.set])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--protocol", choices=PROTOCOLS, nargs="+", default=PROTOCOLS)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    parser.add_argument("--rankings", type=Path)
    parser.add_argument("--artifact", type=Path, help="where the model is written to")
    args = parser.parse_args()
    if (args.rankings or args.artifact) and len(args.protocol) > 1:
        parser.error("--rankings and --artifact go with one --protocol")
    return args


if __name__ == "__main__":
    main()
