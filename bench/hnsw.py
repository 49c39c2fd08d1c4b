"""Recall and time of HNSW against exact search, on a Milvus server, for its parameters.

    python -m bench.hnsw DATA [--movies 20000 100000] [--seed 0]

DATA is a MovieLens folder, of which `bench.serving` has set up an installation on the services; its live
model gives movie vectors and the vectors of 200 users as queries. The catalogues of --movies movies are made
up from the real one: each movie is a real one moved by noise of half of the spread of all, so that lengths
(popularity) and directions stay as they are in training. For each M and efConstruction a collection is built,
and for each ef the first 100 are compared with those of exact search; equal scores count as found.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import record
from bench.installation import SERVICES, installed

DEPTH = 100
QUERIES = 200
BUILDS = ((16, 128), (32, 256), (48, 400))  # M, efConstruction
WIDTHS = (100, 128, 200, 256, 400, 600, 800)  # ef
BATCH = 2_000
NAME = "bench_hnsw"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--movies", type=int, nargs="*", default=[20_000, 100_000])
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    run = record.begin("hnsw", args.data, seed=args.seed)
    run.values["rows"] = rows = []
    with installed(SERVICES, args.data) as installation:
        os.environ.update(installation.environment)
        import django

        django.setup()
        movies, queries = _real_vectors(args.seed)
        for size in [len(movies), *args.movies]:
            vectors = movies if size == len(movies) else _made_up(movies, size, args.seed)
            exact = np.sort(queries @ vectors.T, axis=1)[:, -DEPTH]
            for m, construction in BUILDS:
                for row in _measured(vectors, queries, exact, m, construction):
                    rows.append(row)
                    print(*(f"{key} {value}" for key, value in row.items()), flush=True)
    run.save()
    return 0


def _real_vectors(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Movie vectors [n, 256] of the live model, and those of users [QUERIES, 256]."""
    from catalog.models import User
    from recommendations.interactions import user_inputs
    from recommendations.live_model import live_model

    model = live_model().model
    users = list(User.objects.filter(ratings__isnull=False).distinct().order_by("pk"))
    chosen = np.random.default_rng(seed).choice(len(users), QUERIES, replace=False)
    people = user_inputs([users[i] for i in chosen])
    return np.array(model.matrix), np.stack([model.user_vector(person) for person in people])


def _made_up(real: np.ndarray, size: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    vectors = real[chance.integers(len(real), size=size)]
    return vectors + chance.normal(0, 0.5, vectors.shape).astype(np.float32) * real.std(axis=0)


def _measured(
    vectors: np.ndarray, queries: np.ndarray, exact: np.ndarray, m: int, construction: int
) -> list[dict[str, Any]]:
    from pymilvus import MilvusClient

    client = MilvusClient(os.environ["MILVUS_URI"], timeout=60, dedicated=True)
    began = time.perf_counter()
    _build(client, vectors, {"M": m, "efConstruction": construction})
    seconds = time.perf_counter() - began
    rows = []
    for ef in WIDTHS:
        recall, times = [], []
        for query, least in zip(queries, exact, strict=True):
            began = time.perf_counter()
            found = client.search(
                NAME,
                [query],
                limit=DEPTH,
                search_params={"metric_type": "IP", "params": {"ef": ef}},
                consistency_level="Bounded",
            )[0]
            times.append(time.perf_counter() - began)
            slack = 1e-4 * max(1.0, abs(float(least)))
            recall.append(sum(hit["distance"] >= least - slack for hit in found) / DEPTH)
        rows.append(
            {
                "movies": len(vectors),
                "M": m,
                "efConstruction": construction,
                "build_s": round(seconds, 1),
                "ef": ef,
                "recall": round(float(np.mean(recall)), 4),
                "worst": round(float(np.min(recall)), 2),
                "p50_ms": round(1e3 * float(np.median(times)), 2),
            }
        )
    client.drop_collection(NAME)
    client.close()
    return rows


def _build(client: Any, vectors: np.ndarray, parameters: dict[str, int]) -> None:
    """A collection of these vectors whose index covers all of them, loaded."""
    from pymilvus import DataType

    if client.has_collection(NAME):
        client.drop_collection(NAME)
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("movie_id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
    client.create_collection(NAME, schema=schema)
    for start in range(0, len(vectors), BATCH):
        part = vectors[start : start + BATCH]
        client.insert(NAME, [{"movie_id": start + i, "vector": vector} for i, vector in enumerate(part)])
    client.flush(NAME, timeout=300)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="IP", params=parameters)
    client.create_index(NAME, index, timeout=1_800)
    while client.describe_index(NAME, "vector").get("pending_index_rows", 0):
        time.sleep(0.2)
    client.load_collection(NAME, timeout=300)


if __name__ == "__main__":
    sys.exit(main())
