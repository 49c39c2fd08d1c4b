"""Rows of a collection: written, read back, counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.batching import batches
from recommendations.vector_index.collections import Collection
from recommendations.vector_index.connection import (
    SEARCH_SECONDS,
    WRITE_SECONDS,
    VectorIndexUnavailable,
    call,
)

BATCH_ROWS = 1_000
MAX_ROWS = 16_384  # Milvus returns no more to one request
NOT_LOADED = 101  # a code of MilvusException

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class IndexRow:
    movie_id: int
    vector: Vector  # [256]
    year: int  # 0 where unknown
    genres: tuple[str, ...]  # slugs, MAX_GENRES at most


def upsert(collection: Collection, rows: Iterable[IndexRow]) -> int:
    """Write `rows` over what is there under their IDs; how many they were."""
    return _write("upsert", collection, rows)


def insert(collection: Collection, rows: Iterable[IndexRow]) -> int:
    """Write `rows` whose IDs are not there yet; how many they were.

    An upsert is a deletion, too, after which Milvus writes the rows of a whole catalogue once more and builds
    their graph anew (docs/adr/0057-a-build-inserts.md).
    """
    return _write("insert", collection, rows)


def _write(how: str, collection: Collection, rows: Iterable[IndexRow]) -> int:
    written = 0
    for batch in batches(rows, BATCH_ROWS):
        call(how, collection.name, [_entity(row) for row in batch])
        written += len(batch)
    return written


def delete(collection: Collection, movie_ids: Sequence[int]) -> None:
    """Remove these movies, where they are there."""
    for batch in batches(movie_ids, BATCH_ROWS):
        call("delete", collection.name, ids=batch)


def count(collection: Collection, *, fresh: bool = True) -> int:
    """How many movies `collection` holds; `fresh` as in `fetch`."""
    return int(_query(collection, filter="", output_fields=["count(*)"], fresh=fresh)[0]["count(*)"])


def fetch(collection: Collection, movie_ids: Sequence[int], *, fresh: bool = True) -> dict[int, IndexRow]:
    """The rows of these movies by ID; those that are not there are left out.

    `fresh` waits for the latest writes; without it the answer comes within the time of a search.
    """
    found: dict[int, IndexRow] = {}
    for batch in batches(movie_ids, BATCH_ROWS):
        fields = ["movie_id", "vector", "year", "genres"]
        for entity in _query(collection, filter=f"movie_id in {batch}", output_fields=fields, fresh=fresh):
            row = _index_row(entity)
            found[row.movie_id] = row
    return found


def ids_between(collection: Collection, low: int, high: int) -> set[int]:
    """The IDs from `low` to `high`, both included, that `collection` holds; MAX_ROWS of them at most."""
    condition = f"movie_id >= {low} and movie_id <= {high}"
    entities = _query(collection, filter=condition, output_fields=["movie_id"], limit=MAX_ROWS)
    return {int(entity["movie_id"]) for entity in entities}


def read(method: str, collection: Collection, **kwargs: Any) -> Any:
    """Search or query. A collection not in memory is loaded first: Milvus Lite forgets at each restart.

    Loading has the deadline of the call; Milvus goes on with it when that has passed.
    """
    try:
        return call(method, collection.name, **kwargs)
    except VectorIndexUnavailable as error:
        if error.code != NOT_LOADED:
            raise
        call("load_collection", collection.name, timeout=kwargs["timeout"])
        return call(method, collection.name, **kwargs)


def _query(collection: Collection, *, fresh: bool = True, **kwargs: Any) -> Any:
    timeout = WRITE_SECONDS if fresh else SEARCH_SECONDS
    level = "Strong" if fresh else "Bounded"
    return read("query", collection, consistency_level=level, timeout=timeout, **kwargs)


def _entity(row: IndexRow) -> dict[str, Any]:
    return {
        "movie_id": row.movie_id,
        "vector": row.vector,
        "year": row.year,
        "genres": list(row.genres),
    }


def _index_row(entity: dict[str, Any]) -> IndexRow:
    vector = np.asarray(entity["vector"], dtype=np.float32)
    return IndexRow(int(entity["movie_id"]), vector, int(entity["year"]), tuple(entity["genres"]))
