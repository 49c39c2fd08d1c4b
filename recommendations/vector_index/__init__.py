"""Everything that speaks to Milvus, and the only package that knows pymilvus.

Knows neither Django's models nor the two towers: callers hand over plain rows and vectors.
"""

from recommendations.vector_index import light_import  # noqa: F401  (before what imports pymilvus)
from recommendations.vector_index.candidates import NO_CONDITIONS, Candidate, Conditions, search, search_many
from recommendations.vector_index.collections import (
    DIMENSION,
    MAX_GENRES,
    Collection,
    VectorIndexInvalid,
    checksum_of,
    collections,
    create,
    drop,
    finish,
    free_collection,
    live_collection,
    make_live,
)
from recommendations.vector_index.connection import VectorIndexUnavailable, ping
from recommendations.vector_index.rows import (
    MAX_ROWS,
    IndexRow,
    Vector,
    count,
    delete,
    fetch,
    ids_between,
    insert,
    upsert,
)

__all__ = [
    "DIMENSION",
    "MAX_GENRES",
    "MAX_ROWS",
    "NO_CONDITIONS",
    "Candidate",
    "Collection",
    "Conditions",
    "IndexRow",
    "Vector",
    "VectorIndexInvalid",
    "VectorIndexUnavailable",
    "checksum_of",
    "collections",
    "count",
    "create",
    "delete",
    "drop",
    "fetch",
    "finish",
    "free_collection",
    "ids_between",
    "insert",
    "live_collection",
    "make_live",
    "ping",
    "search",
    "search_many",
    "upsert",
]
