"""A model as a folder that never changes: weights, vectors, JSON, and a checksum over all of it.

But for one file beside: `people` may leave it, so their embeddings are kept apart.

No pickle: .npz and .npy are read with `allow_pickle=False`. Whatever has a row for each movie is
memory-mapped: the workers of one machine share it, and of a large catalogue hold what they read.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .config import ConfigInvalid, TwoTowerConfig
from .data import Floats
from .people import People, read_people, write_people
from .serving_model import TABLES, ServingModel, derived
from .unreadable import UNREADABLE
from .vocabulary import Vocabulary

WEIGHTS, VECTORS, MOVIE_IDS = "weights.npz", "movie_vectors.npy", "movie_ids.npy"
CONFIG, VOCABULARY, METRICS, SNAPSHOT = "config.json", "vocabulary.json", "metrics.json", "snapshot.json"
CHECKSUM = "checksum"
USER_ROWS = "user_features.0.weight"  # name among the weights; stored with the people
FORMAT = 6  # raise it when weights or files change their meaning; older folders are then refused
FILES = (
    *(WEIGHTS, VECTORS, MOVIE_IDS, CONFIG, VOCABULARY, METRICS, SNAPSHOT),
    *(f"{name}.npy" for name in TABLES),
)
ELSEWHERE = {"user_ids", "movie_ids"}  # of the vocabulary: not in its JSON


class ArtifactInvalid(Exception):
    """A model folder is missing, incomplete, damaged, or not the one that was asked for."""


@dataclass
class TrainedModel:
    """The result of a training, before it is written."""

    config: TwoTowerConfig
    vocabulary: Vocabulary
    weights: dict[str, Floats]
    movie_vectors: Floats  # [movies of the vocabulary, 256]
    mean_stars: float
    metrics: dict[str, Any] = field(default_factory=dict)
    snapshot: dict[str, Any] = field(default_factory=dict)  # what it was trained on

    def served_weights(self) -> dict[str, Floats]:
        return self.weights | derived(self.weights, self.movie_vectors, self.config)

    def serving_model(self) -> ServingModel:
        return ServingModel(
            self.config,
            self.vocabulary,
            self.served_weights(),
            self.movie_vectors,
            mean_stars=self.mean_stars,
            metrics=self.metrics,
            snapshot=self.snapshot,
        )


def save_artifact(model: TrainedModel, folder: Path) -> str:
    """Writes the folder, which must not exist yet, and returns its checksum (SHA-256, hexadecimal).

    Written beside and renamed, so that there is never half a folder. Raises FileExistsError.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already; a model folder never changes")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write_files(model, partial)
        checksum = folder_checksum(partial)
        (partial / CHECKSUM).write_text(checksum + "\n")
        people = People(np.array(model.vocabulary.user_ids, np.int64), model.weights[USER_ROWS])
        write_people(partial, people, model=checksum)
        for path in [*partial.iterdir(), partial]:
            _sync(path)
        partial.chmod(0o755)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _sync(folder.parent)
    return checksum


def load_artifact(folder: Path, *, checksum: str | None = None, checked: bool = False) -> ServingModel:
    """The model of a folder. Raises ArtifactInvalid unless its files match its own checksum and, if one
    is given, that of the registry.

    `checked` says that the files were found to match before and are the same still (`files_mark`): then only
    the checksum that they had is compared, and gigabytes are not read.
    """
    try:
        stored = (folder / CHECKSUM).read_text().strip()
        actual = stored if checked else folder_checksum(folder)
        if actual != stored or (checksum is not None and actual != checksum):
            raise ArtifactInvalid(f"{folder}: the checksum does not match; the files were changed")
        snapshot = _json(folder / SNAPSHOT)
        if snapshot.get("format") != FORMAT:
            raise ArtifactInvalid(f"{folder}: written by another release of movierec; train a new version")
        with np.load(folder / WEIGHTS, allow_pickle=False) as weights:
            arrays = {name: weights[name] for name in weights.files}
        arrays |= {name: _mapped(folder / f"{name}.npy") for name in TABLES}
        people = read_people(folder, model=actual)
        arrays[USER_ROWS] = people.vectors
        ids = {"movie_ids": _mapped(folder / MOVIE_IDS), "user_ids": people.user_ids.tolist()}
        vocabulary = _json(folder / VOCABULARY) | ids
        return ServingModel(
            TwoTowerConfig.from_dict(_json(folder / CONFIG)),
            Vocabulary.from_dict(vocabulary),
            arrays,
            _mapped(folder / VECTORS),
            mean_stars=float(snapshot["mean_stars"]),
            metrics=_json(folder / METRICS),
            snapshot=snapshot,
            checksum=actual,
        )
    except (*UNREADABLE, TypeError, ConfigInvalid) as error:
        raise ArtifactInvalid(f"{folder}: {error}") from error


def folder_checksum(folder: Path) -> str:
    """SHA-256 over the names and contents of the folder's files."""
    digest = hashlib.sha256()
    for name in sorted(FILES):
        with (folder / name).open("rb") as handle:
            digest.update(f"{name} {hashlib.file_digest(handle, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


def files_mark(folder: Path) -> str:
    """Another one once a file was written, replaced or moved; only the file system is asked.

    Of sizes, inodes and times of change (ctime), which no program sets. Raises ArtifactInvalid if one is
    missing.
    """
    try:
        found = [(folder / name).stat() for name in (CHECKSUM, *FILES)]
    except OSError as error:
        raise ArtifactInvalid(f"{folder}: {error}") from error
    marks = [(file.st_dev, file.st_ino, file.st_size, file.st_ctime_ns) for file in found]
    return hashlib.sha256(json.dumps(marks).encode()).hexdigest()


def _write_files(model: TrainedModel, folder: Path) -> None:
    weights = model.served_weights()
    for name in TABLES:
        _write_array(folder / f"{name}.npy", weights.pop(name).astype(np.float32))
    _write_array(folder / VECTORS, model.movie_vectors.astype(np.float32))
    _write_array(folder / MOVIE_IDS, model.vocabulary.movie_ids.astype(np.int64))
    with (folder / WEIGHTS).open("wb") as handle:
        kept = {name: array for name, array in weights.items() if name != USER_ROWS}
        arrays: dict[str, Any] = {name: array.astype(np.float32) for name, array in kept.items()}
        np.savez(handle, **arrays)
    snapshot: Mapping[str, Any] = {**model.snapshot, "format": FORMAT, "mean_stars": model.mean_stars}
    documents = {
        CONFIG: model.config.to_dict(),
        VOCABULARY: {name: of for name, of in model.vocabulary.to_dict().items() if name not in ELSEWHERE},
        METRICS: model.metrics,
        SNAPSHOT: snapshot,
    }
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _write_array(path: Path, array: Any) -> None:
    """As `np.save`, which says of a full disk only how many bytes went missing."""
    rows = np.ascontiguousarray(array)
    with path.open("wb") as handle:
        np.lib.format.write_array_header_1_0(handle, np.lib.format.header_data_from_array_1_0(rows))
        handle.write(rows.data)


def _mapped(path: Path) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
