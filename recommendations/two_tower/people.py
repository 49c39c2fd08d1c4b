"""The part of a model folder that is about persons: who has an embedding, and these embeddings.

A file of its own, outside of the folder's checksum, so that people can be taken out of it when they leave
while the rest never changes. Replaced as a whole: a crash leaves the file of before or the one after.
"""

import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .data import Floats, Ids
from .unreadable import UNREADABLE

NAME = "people.npz"
PARTIAL = f".{NAME}-"  # how the names of half written files begin


class PeopleInvalid(ValueError):
    """The file of people is missing, damaged, or of another model."""


@dataclass(frozen=True)
class People:
    user_ids: Ids  # [n]
    vectors: Floats  # [n + 1, width]; row 0: somebody unknown, row i + 1: user i

    def without(self, gone: Collection[int]) -> "People":
        """Those who are left; neither the IDs nor the vectors of `gone` are."""
        kept = ~np.isin(self.user_ids, np.array(sorted(gone), np.int64))
        return People(self.user_ids[kept], self.vectors[np.append(True, kept)])


def write_people(folder: Path, people: People, *, model: str) -> None:
    """`model` is the checksum of the folder that they belong to."""
    descriptor, partial = tempfile.mkstemp(prefix=PARTIAL, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            ids, vectors = people.user_ids.astype(np.int64), people.vectors.astype(np.float32)
            np.savez(handle, user_ids=ids, vectors=vectors, model=np.array(model))
            handle.flush()
            os.fsync(handle.fileno())
        os.chmod(partial, 0o644)
        os.replace(partial, folder / NAME)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def read_people(folder: Path, *, model: str | None = None) -> People:
    """Raises PeopleInvalid; also if `model` is given and they belong to another one."""
    people, owner = _read(folder)
    if model is not None and owner != model:
        raise PeopleInvalid(f"{folder / NAME} belongs to another model")
    return people


def forget_people(folder: Path, gone: Collection[int]) -> int:
    """Take `gone` out of the folder's file; how many were in it. Raises PeopleInvalid, OSError."""
    people, model = _read(folder)
    left = people.without(gone)
    if len(left.user_ids) < len(people.user_ids):
        write_people(folder, left, model=model)
    return len(people.user_ids) - len(left.user_ids)


def _read(folder: Path) -> tuple[People, str]:
    """The people, and the checksum of the model that they belong to."""
    try:
        with np.load(folder / NAME, allow_pickle=False) as stored:
            people, owner = People(stored["user_ids"], stored["vectors"]), str(stored["model"])
    except UNREADABLE as error:
        raise PeopleInvalid(f"{folder / NAME}: {error}") from error
    if len(people.vectors) != len(people.user_ids) + 1:
        raise PeopleInvalid(
            f"{folder / NAME} has {len(people.vectors)} rows for {len(people.user_ids)} people"
        )
    return people, owner


def people_mark(folder: Path) -> tuple[int, int] | None:
    """Changes whenever the file does; None while it cannot be seen."""
    try:
        state = (folder / NAME).stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns
