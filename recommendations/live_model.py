"""Which model version this process serves: the one whose collection the alias names.

The user tower that makes a query always belongs to the collection that is searched. Both are found from
the alias, and the collection's stamp, the registry's row and the artifact must name the same checksum.
During an experiment one more model is held beside it, bound to its own collection in the same way.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.cache import cache

from recommendations import vector_index
from recommendations.models import ModelVersion
from recommendations.two_tower.artifact import ArtifactInvalid, files_mark, load_artifact
from recommendations.two_tower.people import people_mark
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import Collection, VectorIndexInvalid

LOOK_UP_SECONDS = 2.0  # how long a process may go on with the version before a promotion
CHECKED_SECONDS = 24 * 3600  # how long processes rely on one of them having read all of an artifact


class NoActiveModel(Exception):
    """No version is live, or the live one cannot be used; the message says why."""


@dataclass(frozen=True)
class LiveModel:
    collection: Collection
    model: ServingModel
    people: tuple[int, int] | None = None  # people_mark of what was read

    @property
    def version(self) -> int:
        return self.collection.version


_lock = threading.Lock()
_live: LiveModel | NoActiveModel | None = None  # what was found at the last look, or why nothing was
_looked_up = float("-inf")
_beside_lock = threading.Lock()
_beside: LiveModel | NoActiveModel | None = None
_beside_looked_up = float("-inf")


def live_model() -> LiveModel:
    """The model to serve with and the collection to search.

    The model is read anew when its collection is another one or when people left it.
    Looks again every LOOK_UP_SECONDS only, also while there is none: to find an artifact damaged takes
    reading it, and that is not for every request. Raises NoActiveModel, VectorIndexUnavailable.
    """
    global _live, _looked_up
    with _lock:
        if _live is None or time.monotonic() - _looked_up > LOOK_UP_SECONDS:
            _live = _look(_live if isinstance(_live, LiveModel) else None)
            _looked_up = time.monotonic()
        if isinstance(_live, NoActiveModel):
            raise NoActiveModel(str(_live))
        return _live


def forget_live_model() -> None:
    """Look the alias up again at the next call; for the process that has just moved it."""
    global _looked_up
    _looked_up = float("-inf")


def model_beside(collection: Collection) -> LiveModel:
    """The model that belongs to `collection`, which is not the live one; held until it is released.

    Looks and raises as `live_model` does.
    """
    global _beside, _beside_looked_up
    with _beside_lock:
        held = _beside if isinstance(_beside, LiveModel) and _beside.collection == collection else None
        if held is None and isinstance(_beside, LiveModel):
            _beside = None  # lets go of another model before this one is read
        if _beside is None or time.monotonic() - _beside_looked_up > LOOK_UP_SECONDS:
            _beside = _look_beside(collection, held)
            _beside_looked_up = time.monotonic()
        if isinstance(_beside, NoActiveModel):
            raise NoActiveModel(str(_beside))
        return _beside


def release_model_beside() -> None:
    """Nobody needs it any more; its memory is free once the answers under way are given.

    While another thread reads it, nothing is done and nobody waits: whoever finds no experiment says so
    again at the next look.
    """
    global _beside
    if _beside_lock.acquire(blocking=False):
        _beside = None
        _beside_lock.release()


def load_model(version: ModelVersion) -> ServingModel:
    """The model of `version` from its artifact. Raises NoActiveModel if that is missing or damaged.

    All of its files are read to compare the checksum only if no process of the site has done so within
    CHECKED_SECONDS and since they were last written.
    """
    try:
        key = f"artifact:{version.checksum}:{files_mark(version.folder)}"
        checked = cache.get(key, False)
        model = load_artifact(version.folder, checksum=version.checksum, checked=checked)
        if not checked:
            cache.set(key, True, CHECKED_SECONDS)
        return model
    except ArtifactInvalid as error:
        raise NoActiveModel(f"{version}: {error}") from error


def _look(current: LiveModel | None) -> LiveModel | NoActiveModel:
    try:
        collection = vector_index.live_collection()
        if collection is None:
            return NoActiveModel("no model version was ever promoted")
        beside = _beside if isinstance(_beside, LiveModel) else None
        return _bound(collection, held=[current, beside])
    except NoActiveModel as error:
        return error
    except VectorIndexInvalid as error:
        return NoActiveModel(str(error))


def _look_beside(collection: Collection, current: LiveModel | None) -> LiveModel | NoActiveModel:
    try:
        return _bound(collection, held=[current])
    except (NoActiveModel, VectorIndexInvalid) as error:
        return NoActiveModel(str(error))


def _bound(collection: Collection, *, held: Sequence[LiveModel | None]) -> LiveModel:
    """`collection` with the model that it was built with: a held one, or else read from its artifact."""
    stamp = vector_index.checksum_of(collection)
    mark = people_mark(settings.MODEL_DIR / f"v{collection.version}")
    for other in held:
        if other and _is_of(other, collection.version, stamp) and mark in (other.people, None):
            return other if other.collection == collection else replace(other, collection=collection)
    version = ModelVersion.objects.filter(number=collection.version).first()
    if version is None:
        raise NoActiveModel(
            f"{collection.name} is in use, but version {collection.version} is not registered"
        )
    if version.checksum != stamp:
        raise NoActiveModel(
            f"{collection.name} was built with another model than {version}; rebuild the index"
        )
    mark = people_mark(version.folder)
    return LiveModel(collection, load_model(version), mark)


def _is_of(live: LiveModel, version: int, checksum: str) -> bool:
    return live.version == version and live.model.checksum == checksum
