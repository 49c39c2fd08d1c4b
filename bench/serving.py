"""Serving beside the bare search for the same candidates, on the embedded engines and on MySQL and Milvus.

    python -m bench.serving DATA [--engines embedded services] [--workers 1] [--requests 400] [--memory 2000]

DATA is a MovieLens folder. Sets up an installation for each (bench/installation.py), which is kept for the
next run, starts its web server as the Procfile does, and lets `bench.load` ask it: in turns, so that ratios
hold on a machine that does other work. No list is cached: each request computes its own. Prints which
targets are met; `bench.report` makes the tables of docs/performance.md. `--memory 50000` asks that many for
the growth of a worker's memory.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench import record
from bench.installation import Installation, arguments_of, installed, running_web

Values = dict[str, Any]


def main() -> int:
    parser = arguments_of(__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--memory", type=int, default=2_000)
    args = parser.parse_args()
    for engines in args.engines:
        name = engines if args.workers == 1 else f"{engines}-{args.workers}"
        run = record.begin("serving", args.data, seed=args.seed, name=name)
        with installed(engines, args.data) as installation:
            run.values |= measured(installation, args)
        run.values["targets"] = list(targets(run.values))
        for target in run.values["targets"]:
            print("{engines:9} {target:55} {value:>10} {verdict}".format(engines=engines, **target))
        run.save()
    return 0


def measured(installation: Installation, args: argparse.Namespace) -> Values:
    with running_web(installation, workers=args.workers) as web:
        command = [sys.executable, "-m", "bench.load", web.url, ",".join(map(str, web.process_ids))]
        for name in ("requests", "clients", "memory", "seed"):
            command += [f"--{name}", str(getattr(args, name))]
        done = subprocess.run(
            command,
            cwd=record.PROJECT,
            env=installation.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        values: Values = json.loads(done.stdout)
    own = {"engines": installation.engines, "workers": args.workers, "many": args.clients}
    return values | own | {"start_seconds": round(web.start_seconds, 2), "load": record.machine()["load"]}


def targets(values: Values) -> Iterator[dict[str, Any]]:
    alone, many = values["clients"]["1"], values["clients"][str(values["many"])]

    def target(name: str, value: float | None, limit: float, *, least: bool = False) -> dict[str, Any]:
        met = value is not None and (value >= limit if least else value <= limit)
        words = f"{name}, {'at least' if least else 'at most'} {limit:g}"
        shown = None if value is None else round(value, 2)
        return {"target": words, "value": str(shown), "verdict": "met" if met else "MISSED"}

    yield target("p50, times the bare search", alone["API"]["p50_ms"] / alone["search"]["p50_ms"], 2)
    yield target("p99, times the bare search", alone["API"]["p99_ms"] / alone["search"]["p99_ms"], 5)
    throughput = many["API"]["a_second"] / many["search"]["a_second"]
    yield target(f"throughput of {values['many']} clients, of the bare search", throughput, 0.5, least=True)
    yield target("lists that were not personal", values["fallbacks"], 0)
    vector = values["user_vector"]
    yield target(f"CPU of a user vector, {vector['history']} ratings, ms", vector["cpu_ms_of_history"], 3)
    yield target("rating to new list, p95 ms", values["rating"]["p95_ms"], 50)
    for name, page in values["pages"].items():
        yield target(f"{name}, p50 ms", page["p50_ms"], 20)
    memory = values["memory"]
    yield target("memory of a worker, MiB", memory["after_mib"], 250)
    growth = memory["after_mib"] - memory["before_mib"]
    yield target(f"growth over {memory['requests']:,} requests, MiB", growth, 5)
    yield target("start to first answer, s", values["start_seconds"], 3)


if __name__ == "__main__":
    sys.exit(main())
