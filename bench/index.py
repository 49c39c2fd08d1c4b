"""Building the vector index beside a plain insert of the same rows, on both kinds of engines.

    python -m bench.index DATA [--engines embedded services] [--seed 0]

DATA is a MovieLens folder; the installation is that of `bench.serving`. "rebuild" is the whole of `manage.py
rebuild_index`, with its start, the verification and the change of the alias; "rows" makes the rows of the
index from the catalogue; "insert" writes such rows, which are at hand, into an empty collection and flushes
it: what Milvus alone needs.
"""

import json
import sys
import time

from bench import record
from bench.installation import arguments_of, installed

INSERT = """
import json, time
import django
django.setup()
from recommendations import vector_index
from recommendations.index_rows import index_rows
from recommendations.live_model import live_model
from recommendations.vector_index import Collection
model = live_model().model
began = time.perf_counter()
rows = list(index_rows(model))
made = time.perf_counter()
collection = Collection("movies_v999999", 999999)
vector_index.create(collection, checksum="", movies=len(rows))
created = time.perf_counter()
vector_index.insert(collection, rows)
vector_index.finish(collection)
print(json.dumps({"movies": len(rows), "rows": made - began, "insert": time.perf_counter() - created}))
vector_index.drop(collection)
"""


def main() -> int:
    args = arguments_of(__doc__).parse_args()
    for engines in args.engines:
        run = record.begin("index", args.data, seed=args.seed, name=engines)
        with installed(engines, args.data) as installation:
            began = time.perf_counter()
            installation.manage("rebuild_index")
            rebuilt = time.perf_counter() - began
            seconds = json.loads(installation.run("-c", INSERT))
        run.values = {
            "engines": engines,
            "movies": seconds.pop("movies"),
            "seconds": {"rebuild": rebuilt, **seconds},
        }
        for name, taken in run.values["seconds"].items():
            print(
                f"{engines:9} {name:8} {taken:6.1f} s {run.values['movies'] / taken:10,.0f} movies a second"
            )
        run.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
