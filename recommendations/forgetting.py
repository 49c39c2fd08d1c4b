"""Deleted people leave the models: their embeddings go from stored versions and from checkpoints.

What is stored is compared with who is there, so that a crash or a folder that was away costs time and nothing
else. docs/adr/0025-people-leave-models.md says why it is done like this.
"""

import logging
from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db.models import F

from catalog.chunks import in_chunks
from catalog.models import User
from recommendations.leases import is_held, lease
from recommendations.models import ModelVersion, TrainingRun
from recommendations.run_queue import TRAINING
from recommendations.two_tower.checkpoint import people_of_checkpoint, remove_checkpoint
from recommendations.two_tower.data import Ids, no_ids
from recommendations.two_tower.people import NAME as PEOPLE
from recommendations.two_tower.people import PARTIAL, PeopleInvalid, forget_people, read_people

logger = logging.getLogger(__name__)

FORGETTING = "forgetting"  # the lease of whoever takes people out of files


def forget_deleted_people() -> int:
    """How many embeddings of deleted people were taken out of stored versions.

    A checkpoint that knows one of them goes as a whole: it belongs to ratings that are no longer there, so
    no training could go on from it. What a training is writing waits until it has ended. Raises LeaseTaken
    while another process is at it.
    """
    with lease(FORGETTING, "deleted people leave the models"):
        present = _present()
        for folder in settings.MODEL_DIR.glob("runs/*"):
            if not _is_in_work(folder):
                _forget_checkpoint(folder, present)
        return sum(_forget_in(folder, present) for folder in _folders_with_people())


def note_deletion(user: User) -> None:
    """Remember of each version that was trained while `user` was there that somebody has left since."""
    versions = ModelVersion.objects.filter(created_at__gte=user.date_joined)
    versions.update(people_deleted=F("people_deleted") + 1)


def people_left_since(version: ModelVersion) -> bool:
    """Whether somebody who was there when `version` was trained was deleted since, or asked for it."""
    asked = User.objects.leaving().filter(deletion_requested_at__gte=_began(version))
    return version.people_deleted > 0 or asked.exists()


def _began(version: ModelVersion) -> datetime:
    """When the training of `version` had read none of its data yet, as far as its run is known."""
    run = TrainingRun.objects.filter(model_version=version).first()
    return run.started_at if run and run.started_at else version.created_at


def gone(user_ids: Ids) -> Ids:
    """Those of `user_ids` who were deleted."""
    return np.setdiff1d(user_ids, _present())


def _is_in_work(folder: Path) -> bool:
    """Whether a training writes its checkpoints to this folder of a run now."""
    return is_held(TRAINING) and TrainingRun.objects.active().filter(pk=folder.name).exists()


def _present() -> Ids:
    chunks = in_chunks(User.objects.all())
    return np.concatenate([no_ids(), *(np.array(chunk)[:, 0] for chunk in chunks)])


def _folders_with_people() -> list[Path]:
    """Of versions, and of those that a crash left half written or half removed."""
    half_written = () if is_held(TRAINING) else (".v*-*",)
    patterns = ("v*", *half_written, ".removed-*/v*")
    found = [folder for pattern in patterns for folder in settings.MODEL_DIR.glob(pattern)]
    return [folder for folder in found if any(folder.glob(f"*{PEOPLE}*"))]


def _forget_in(folder: Path, present: Ids) -> int:
    try:
        for leftover in folder.glob(f"{PARTIAL}*"):  # of a process that was killed while it wrote
            leftover.unlink(missing_ok=True)
        deleted = np.setdiff1d(read_people(folder).user_ids, present)
        if not len(deleted):
            return 0
        forgotten = forget_people(folder, set(deleted.tolist()))
    except (OSError, PeopleInvalid) as error:
        logger.warning("deleted people stay in %s for now: %s", folder, error)
        return 0
    logger.info("%s deleted people left %s", forgotten, folder.name)
    return forgotten


def _forget_checkpoint(folder: Path, present: Ids) -> None:
    known = people_of_checkpoint(folder)
    if known is None or len(np.setdiff1d(known, present)):
        remove_checkpoint(folder)
        logger.info("the checkpoint of run %s knew deleted people and is removed", folder.name)
