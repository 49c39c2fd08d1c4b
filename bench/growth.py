"""How import, training, index, search and requests grow with ratings and movies, on made-up data.

    python -m bench.growth [--sizes 100000:1000:4000 1000000:10000:4000 …] [--engines embedded] [--seed 0]
        [--train-seconds 120]

A size is RATINGS:USERS:MOVIES. For each, `generate_synthetic` makes a MovieLens folder, which is imported
into an installation of its own; a model is trained for one epoch or as much of it as --train-seconds allow,
its index built, and `bench.load` asks the web server. CPU seconds are told of every step, as they mean the
same on a busy machine; peak memory is that of the step's process. Training is told in two parts: the steps,
by the ratings that they predicted, and all else, which is done once for a version (reading the ratings, first
movie vectors, evaluation, stars). Each size is kept as soon as it is measured, in a record of its own.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from bench import record
from bench.installation import EMBEDDED, SERVICES, Installation, installed_empty, running_web

SIZES = ("100000:1000:4000", "100000:1000:20000", "100000:1000:100000", "1000000:10000:4000")
# names of bench.load
PAGES = {"similar": "similar movies (API)", "browse": "browse (page)", "search": "search (page)"}
RECALL = """
import django
django.setup()
from collections import deque
from recommendations.index_rows import index_rows
from recommendations.index_verification import ExactSearch, sample_queries
from recommendations.live_model import live_model
live = live_model()
exact = ExactSearch(sample_queries(live.model))
deque(exact.watch(index_rows(live.model)), maxlen=0)
print(exact.recall(live.collection))
"""
METRICS = """
import json
import django
django.setup()
from recommendations.models import ModelVersion
print(json.dumps(ModelVersion.objects.get(number=1).metrics))
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="*", default=SIZES)
    parser.add_argument("--engines", default=EMBEDDED, choices=[EMBEDDED, SERVICES])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train-seconds", type=float, default=120)
    args = parser.parse_args()
    for size in args.sizes:
        ratings, users, movies = map(int, size.split(":"))
        data = record.FOLDER.parent / "synthetic" / size.replace(":", "-")
        name = f"{args.engines}-{data.name}"
        run = record.begin("growth", Path("synthetic"), seed=args.seed, name=name)
        _make_up(data, ratings, users, movies, args)
        with installed_empty(args.engines, data) as installation:
            row = {"ratings": ratings, "users": users, "movies": movies} | _measured(
                installation, args.train_seconds
            )
        run.values["rows"] = [row]
        print(json.dumps(row), flush=True)
        run.save()
        shutil.rmtree(data)
    return 0


def _make_up(data: Path, ratings: int, users: int, movies: int, args: argparse.Namespace) -> None:
    shutil.rmtree(data, ignore_errors=True)
    data.parent.mkdir(parents=True, exist_ok=True)
    sizes = {"--ratings": ratings, "--users": users, "--movies": movies, "--seed": args.seed}
    options = [str(word) for pair in sizes.items() for word in pair]
    Installation(args.engines, data, 0).manage("generate_synthetic", *options, "--out", str(data))


def _measured(installation: Installation, train_seconds: float) -> dict[str, Any]:
    imported = installation.timed("import_movielens", str(installation.data))
    config = installation.folder / "config.json"
    config.write_text(json.dumps({"epochs": 1, "max_seconds": train_seconds}))
    trained = installation.timed("train_model", "--config", str(config))
    steps = json.loads(installation.run("-c", METRICS))
    indexed = installation.timed("promote_model", "1", "--force")
    recall = float(installation.run("-c", RECALL))
    with running_web(installation) as web:
        words = ["-m", "bench.load", web.url, ",".join(map(str, web.process_ids))]
        asked = json.loads(installation.run(*words, "--requests", "100", "--memory", "0"))
    alone = asked["clients"]["1"]
    return {
        "import, CPU s": round(imported.cpu_seconds, 1),
        "training steps, CPU µs a rating": round(1e6 * steps["cpu_seconds"] / steps["ratings_predicted"]),
        "training else, CPU s": round(trained.cpu_seconds - steps["cpu_seconds"]),
        "training, peak MiB": trained.peak_mib,
        "index, s": round(indexed.seconds, 1),
        "index, CPU s": round(indexed.cpu_seconds, 1),
        "recall@100": f"{recall:.3f}",
        "search p50 ms": f"{alone['search']['p50_ms']:.1f}",
        "list p50 ms": f"{alone['API']['p50_ms']:.1f}",
        "list, CPU ms": f"{alone['API']['worker_cpu_ms']:.1f}",
        **{f"{name}, CPU ms": f"{asked['pages'][page]['worker_cpu_ms']:.1f}" for name, page in PAGES.items()},
        "worker MiB": f"{asked['memory']['after_mib']:.0f}",
        "of it files MiB": f"{asked['memory']['files_mib']:.0f}",
        "start to first list, s": f"{web.start_seconds + asked['first_list_s']:.1f}",
    }


if __name__ == "__main__":
    sys.exit(main())
