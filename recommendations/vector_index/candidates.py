"""Retrieval: the movies whose vectors have the highest inner product with a query vector."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recommendations.vector_index.collections import DIMENSION, METRIC, Collection
from recommendations.vector_index.connection import SEARCH_SECONDS, WRITE_SECONDS
from recommendations.vector_index.rows import MAX_ROWS, Vector, read

EF_A_CANDIDATE, SMALLEST_EF = 8, 256  # of HNSW
LARGEST_EF = 32_768  # that Milvus accepts


class Candidate(NamedTuple):
    movie_id: int
    score: float  # inner product of query vector and movie vector


@dataclass(frozen=True)
class Conditions:
    """What candidates must satisfy; None sets no bound. A movie without a year is within no bounds."""

    genre: str | None = None  # a slug
    year_min: int | None = None
    year_max: int | None = None
    movie_ids: tuple[int, ...] = ()  # only these, if any are named

    def expression(self) -> str:
        """As a filter of Milvus. Only integers and slugs get in, so nothing needs to be quoted."""
        parts = []
        if self.genre is not None:
            slug = re.sub(r"[^\w-]", "", self.genre)
            parts.append(f'array_contains(genres, "{slug}")')
        if self.year_min is not None or self.year_max is not None:
            parts.append(f"year >= {max(int(self.year_min or 1), 1)}")
        if self.year_max is not None:
            parts.append(f"year <= {int(self.year_max)}")
        if self.movie_ids:
            parts.append(f"movie_id in {[int(movie_id) for movie_id in self.movie_ids]}")
        return " and ".join(parts)


NO_CONDITIONS = Conditions()


def search(
    collection: Collection,
    vector: Vector,
    *,
    limit: int,
    conditions: Conditions = NO_CONDITIONS,
    fresh: bool = False,
    timeout: float = SEARCH_SECONDS,
) -> list[Candidate]:
    """The `limit` (MAX_ROWS at most) movies with the highest inner product with `vector` [256], best first.

    `fresh` sees the latest writes, at the cost of waiting for Milvus' clock (about 0.2 s on a server).
    `timeout` is in seconds; jobs that nobody waits for give more than pages do.
    Raises ValueError for another shape or numbers that are not finite, VectorIndexUnavailable.
    """
    options = {"limit": limit, "conditions": conditions, "fresh": fresh, "timeout": timeout}
    return search_many(collection, [vector], **options)[0]  # type: ignore[arg-type]


def search_many(
    collection: Collection,
    vectors: Sequence[Vector] | Vector,
    *,
    limit: int,
    conditions: Conditions = NO_CONDITIONS,
    fresh: bool = False,
    timeout: float = SEARCH_SECONDS,
) -> list[list[Candidate]]:
    """As `search`, for each of `vectors`, in one request."""
    for vector in vectors:
        if vector.shape != (DIMENSION,) or not np.isfinite(vector).all():
            shape = vector.shape
            raise ValueError(f"a query vector is {DIMENSION} finite numbers; this one has shape {shape}")
    limit = min(limit, MAX_ROWS)
    ef = min(max(EF_A_CANDIDATE * limit, SMALLEST_EF), LARGEST_EF)
    hits = read(
        "search",
        collection,
        data=list(vectors),
        limit=limit,
        filter=conditions.expression(),
        output_fields=["movie_id"],  # Milvus Lite sends whole rows, vectors too, where none are named
        search_params={"metric_type": METRIC, "params": {"ef": ef}},
        consistency_level="Strong" if fresh else "Bounded",
        timeout=WRITE_SECONDS if fresh else timeout,
    )
    return [list(map(Candidate, found.ids, found.distances)) for found in hits]
