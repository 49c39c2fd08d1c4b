"""The state of an interrupted training in one .npz file: arrays and JSON, no pickle."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .config import TwoTowerConfig
from .data import Floats, Ids, TrainingData, no_ids
from .unreadable import UNREADABLE

NAME = "checkpoint.npz"
PARTIAL = f".{NAME}.part"
PEOPLE = "user_ids"


@dataclass
class Checkpoint:
    """Named arrays by group ("weights", "optimizer", "average", "best") and plain values."""

    arrays: dict[str, dict[str, Floats]]
    values: dict[str, Any] = field(default_factory=dict)
    user_ids: Ids = field(default_factory=no_ids)  # whose embeddings are among the arrays


def fingerprint(data: TrainingData, config: TwoTowerConfig, seed: int, warm_start: str = "") -> str:
    """SHA-256 of all that decides a training's result; `warm_start` is the checksum of the earlier model."""
    digest = hashlib.sha256(json.dumps([config.to_dict(), seed], sort_keys=True).encode())
    for column in (data.user_ids, data.movie_ids, data.stars, data.timestamps):
        digest.update(np.ascontiguousarray(column).data)
    for movie in data.movies:
        digest.update(repr(movie).encode())
    users = data.users
    for row in zip(users.genders, users.age_groups, users.occupations, users.zip_codes, strict=True):
        digest.update(repr(row).encode())
    digest.update(warm_start.encode())
    return digest.hexdigest()


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Replaces the folder's checkpoint; a crash leaves the old one."""
    folder.mkdir(parents=True, exist_ok=True)
    flat: dict[str, Any] = {
        f"{group}/{name}": array
        for group, named in checkpoint.arrays.items()
        for name, array in named.items()
    }
    flat[PEOPLE] = checkpoint.user_ids
    text = np.frombuffer(json.dumps(checkpoint.values).encode(), np.uint8)
    partial = folder / PARTIAL
    with partial.open("wb") as handle:
        np.savez(handle, values=text, **flat)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(folder / NAME)


def read_checkpoint(folder: Path | None, wanted: str) -> Checkpoint | None:
    """The folder's checkpoint if it belongs to the training with this fingerprint and is readable."""
    if folder is None or not (folder / NAME).exists():
        return None
    try:
        with np.load(folder / NAME, allow_pickle=False) as stored:
            values = json.loads(stored["values"].tobytes())
            if values.get("fingerprint") != wanted:
                return None
            arrays: dict[str, dict[str, Floats]] = {}
            for key in stored.files:
                group, _, name = key.partition("/")
                if name:
                    arrays.setdefault(group, {})[name] = stored[key]
            user_ids = stored[PEOPLE]
    except UNREADABLE:
        return None
    return Checkpoint(arrays, values, user_ids)


def people_of_checkpoint(folder: Path) -> Ids | None:
    """Whose embeddings the folder's checkpoint has; None if that cannot be told of what is there."""
    if not any((folder / name).exists() for name in (NAME, PARTIAL)):
        return no_ids()
    try:
        with np.load(folder / NAME, allow_pickle=False) as stored:
            return stored[PEOPLE]
    except UNREADABLE:
        return None


def remove_checkpoint(folder: Path) -> None:
    for name in (NAME, PARTIAL):
        (folder / name).unlink(missing_ok=True)
