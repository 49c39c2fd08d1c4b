"""Which model version this process serves: the one whose collection the alias names.

The user tower that makes a query always belongs to the collection that is searched. Both are found from
the alias, and the collection's stamp, the registry's row and the artifact must name the same checksum.
"""

import threading
import time
from dataclasses import dataclass

from django.conf import settings

from recommendations import vector_index
from recommendations.models import ModelVersion
from recommendations.two_tower.artifact import ArtifactInvalid, load_artifact
from recommendations.two_tower.people import people_mark
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import Collection, VectorIndexInvalid

LOOK_UP_SECONDS = 2.0  # how long a process may go on with the version before a promotion


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


def load_model(version: ModelVersion) -> ServingModel:
    """The model of `version` from its artifact. Raises NoActiveModel if that is missing or damaged."""
    try:
        return load_artifact(version.folder, checksum=version.checksum)
    except ArtifactInvalid as error:
        raise NoActiveModel(f"{version}: {error}") from error


def _look(current: LiveModel | None) -> LiveModel | NoActiveModel:
    try:
        return _resolve(current)
    except NoActiveModel as error:
        return error


def _resolve(current: LiveModel | None) -> LiveModel:
    try:
        collection = vector_index.live_collection()
        if collection is None:
            raise NoActiveModel("no model version was ever promoted")
        stamp = vector_index.checksum_of(collection)
    except VectorIndexInvalid as error:
        raise NoActiveModel(str(error)) from error
    if current and current.collection == collection and current.model.checksum == stamp:
        folder = settings.MODEL_DIR / f"v{collection.version}"
        if people_mark(folder) in (current.people, None):
            return current
    version = ModelVersion.objects.filter(number=collection.version).first()
    if version is None:
        raise NoActiveModel(f"{collection.name} is live, but version {collection.version} is not registered")
    if version.checksum != stamp:
        raise NoActiveModel(
            f"{collection.name} was built with another model than {version}; rebuild the index"
        )
    mark = people_mark(version.folder)
    return LiveModel(collection, load_model(version), mark)
