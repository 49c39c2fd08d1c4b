"""Collections of movie vectors, and the alias that names the live one.

A collection belongs to one model version and is stamped with the checksum of its artifact. Version N's
collection is `movies_v<N>`; when that one is live and is built anew, the new one stands beside it as
`movies_v<N>b`, and the one after takes the free name again.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymilvus import DataType, MilvusClient

from recommendations.vector_index.connection import SEARCH_SECONDS, VectorIndexUnavailable, call

VECTOR = "vector"  # name of the field and of its index
DIMENSION = 256
METRIC = "IP"  # inner product, as in training
EXACT = "FLAT"
EXACT_UP_TO = 20_000  # movies; so few are searched exactly within milliseconds
HNSW = {"M": 32, "efConstruction": 256}
MAX_GENRES = 32
SLUG_BYTES = 240  # a slug of 60 characters of any script; one that does not fit would hold up the others
LIVE_ALIAS = "movies_live"
CHECKSUM = "movierec.checksum"
INDEXING_SECONDS = 3600.0  # without a row less waiting, which Milvus tells by segments of up to a million
LOADING_SECONDS = 600.0  # of a graph of many gigabytes
PAUSE_SECONDS = 0.5
TELL_SECONDS = 30.0
NO_SUCH_COLLECTION = 100  # a code of MilvusException
NO_SUCH_INDEX = 700  # of Milvus
NO_SUCH_ALIAS = (100, 1600)  # Milvus Lite, Milvus
logger = logging.getLogger(__name__)
_NAME = re.compile(r"movies_v(\d+)(b?)")


class VectorIndexInvalid(Exception):
    """A collection is not what it should be: missing, of another model, or short of rows."""


@dataclass(frozen=True)
class Collection:
    """A collection of movie vectors: its name in Milvus and the model version it belongs to."""

    name: str
    version: int


def collections() -> list[Collection]:
    """All collections of movie vectors, lowest version first."""
    names = call("list_collections")
    found = [Collection(name, int(match[1])) for name in names if (match := _NAME.fullmatch(name))]
    return sorted(found, key=lambda collection: (collection.version, collection.name))


def live_collection() -> Collection | None:
    """The collection that the alias names, or None when nothing was ever promoted.

    Raises VectorIndexInvalid if the alias names something else.
    """
    try:
        name = call("describe_alias", alias=LIVE_ALIAS, timeout=SEARCH_SECONDS)["collection_name"]
    except VectorIndexUnavailable as error:
        if error.code in NO_SUCH_ALIAS:
            return None
        raise
    match = _NAME.fullmatch(name)
    if match is None:
        raise VectorIndexInvalid(f"{LIVE_ALIAS} names {name!r}, which is no collection of movie vectors")
    return Collection(name, int(match[1]))


def free_collection(version: int) -> Collection:
    """Where version `version` can be built without touching what is live."""
    live = live_collection()
    name = f"movies_v{version}"
    return Collection(f"{name}b" if live and live.name == name else name, version)


def create(collection: Collection, *, checksum: str, movies: int | None = None) -> None:
    """Make `collection` anew and empty, stamped with the checksum of its model's artifact.

    How it is searched depends on how many `movies` are to come: exactly, or if there are many or nobody
    knows, by HNSW (docs/adr/0051-small-catalogues-are-searched-exactly.md). Then it is not loaded before
    `finish`: Milvus would make a coarse index of what is written meanwhile.
    Raises VectorIndexInvalid if it is live.
    """
    drop(collection)
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("movie_id", DataType.INT64, is_primary=True)
    schema.add_field(VECTOR, DataType.FLOAT_VECTOR, dim=DIMENSION)
    schema.add_field("year", DataType.INT64)
    schema.add_field(
        "genres",
        DataType.ARRAY,
        element_type=DataType.VARCHAR,
        max_capacity=MAX_GENRES,
        max_length=SLUG_BYTES,
    )
    index = MilvusClient.prepare_index_params()
    exact = movies is not None and movies <= EXACT_UP_TO
    if exact:
        index.add_index(VECTOR, index_type=EXACT, metric_type=METRIC)
    else:
        index.add_index(VECTOR, index_type="HNSW", metric_type=METRIC, params=HNSW)
    call("create_collection", collection.name, schema=schema, properties={CHECKSUM: checksum})
    call("create_index", collection.name, index)
    if exact:
        call("load_collection", collection.name)


def finish(collection: Collection, *, look: Callable[[], None] = lambda: None) -> None:
    """Seal what was written, and wait until searches go through the index of all of it; not for a live one.

    A Milvus server builds the graph of HNSW after the rows are sealed, some seconds for each 10,000, and
    answers from a coarse index meanwhile, which finds hardly anything. It would change over by itself but
    does not tell when; loaded anew it has the graph at once. `look` is called every half second meanwhile,
    and what it raises ends the wait. Raises VectorIndexInvalid if it has no index.
    """
    call("flush", collection.name)
    if _index_of(collection)["index_type"] == EXACT:
        return
    left = None
    began = changed = told = time.monotonic()
    while pending := int(_index_of(collection)["pending_index_rows"]):
        look()
        now = time.monotonic()
        if pending != left:
            left, changed = pending, now
        if now - changed > INDEXING_SECONDS:
            raise VectorIndexUnavailable(f"{collection.name}: {pending} movies wait for their index")
        if now - told >= TELL_SECONDS:
            told = now
            waited = round(now - began)
            logger.info("%s: %d movies wait for the graph, %d s so far", collection.name, pending, waited)
        time.sleep(PAUSE_SECONDS)
    call("release_collection", collection.name)
    call("load_collection", collection.name, timeout=LOADING_SECONDS)


def _index_of(collection: Collection) -> dict[str, Any]:
    try:
        described = call("describe_index", collection.name, VECTOR)
    except VectorIndexUnavailable as error:
        if error.code != NO_SUCH_INDEX:
            raise
        described = None
    if described is None:  # as Milvus Lite says it
        raise VectorIndexInvalid(f"{collection.name} has no index")
    return dict(described)


def drop(collection: Collection) -> None:
    """Remove `collection`, if it is there. Raises VectorIndexInvalid if it is live."""
    if live_collection() == collection:
        raise VectorIndexInvalid(f"{collection.name} is live and stays")
    call("drop_collection", collection.name)


def checksum_of(collection: Collection) -> str:
    """The checksum that `collection` was stamped with. Raises VectorIndexInvalid if it is not there."""
    try:
        described = call("describe_collection", collection.name, timeout=SEARCH_SECONDS)
    except VectorIndexUnavailable as error:
        if error.code == NO_SUCH_COLLECTION:
            raise VectorIndexInvalid(f"{collection.name} does not exist") from error
        raise
    return str(described.get("properties", {}).get(CHECKSUM, ""))


def make_live(collection: Collection) -> None:
    """Point the alias at `collection`; other processes follow within seconds."""
    method = "create_alias" if live_collection() is None else "alter_alias"
    call(method, collection.name, LIVE_ALIAS)
