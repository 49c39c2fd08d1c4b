"""Retention: which model versions are kept, and the removal of the others with files and index.

A version is first marked as removed, so that nobody promotes it, then its collections and its files go. What
a crash leaves is removed the next time: whatever bears the mark and is still there.
"""

import logging
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import vector_index
from recommendations.experiments.models import Experiment
from recommendations.index_building import BUILDING
from recommendations.leases import lease
from recommendations.models import ModelVersion, TrainingRun
from recommendations.promotion import predecessor, version_to_rebuild

logger = logging.getLogger(__name__)

REMOVING = ".removed-"  # how the names of folders begin that are being removed


def reasons_to_keep() -> dict[int, list[str]]:
    """By the number of each version that is kept: why. Raises VectorIndexUnavailable, VectorIndexInvalid.

    Without Milvus nobody knows what is live, so nothing can be told.
    """
    kept: dict[int, list[str]] = {}
    stored = ModelVersion.objects.stored()

    def keep(number: int | None, reason: str) -> None:
        if number is not None:
            kept.setdefault(number, []).append(reason)

    live = vector_index.live_collection()
    if live is not None:
        keep(live.version, _("live"))
        before = predecessor(live.version)
        keep(before.number if before else None, _("to roll back to"))
    elif wanted := version_to_rebuild():
        keep(wanted.number, _("to rebuild"))
    for version in stored.filter(is_protected=True):
        keep(version.number, _("protected"))
    for number in TrainingRun.objects.active().values_list("base_version", flat=True):
        keep(number, _("a training goes on from it"))
    for number in Experiment.objects.versions_in_use():
        keep(number, _("in an experiment"))
    for version in stored.order_by("-number")[: settings.MODEL_VERSIONS_KEPT]:
        keep(version.number, _("one of the newest"))
    return kept


def remove_old_versions(*, dry_run: bool = False) -> list[ModelVersion]:
    """The versions that nobody needs, removed, or with `dry_run` only named.

    Raises LeaseTaken while an index is built, VectorIndexUnavailable, VectorIndexInvalid.
    """
    with lease(BUILDING, "the removal of old versions"):
        outdated = list(ModelVersion.objects.stored().exclude(number__in=reasons_to_keep()))
        if dry_run:
            return outdated
        for version in outdated:
            ModelVersion.objects.filter(pk=version.pk).update(removed_at=timezone.now())
        _unmark_live()
        for version in ModelVersion.objects.exclude(removed_at=None):
            _remove(version)
        for leftover in settings.MODEL_DIR.glob(f"{REMOVING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
    return outdated


def disk_use(folder: Path) -> int:
    """Bytes of the files in a folder; 0 where there is none."""
    try:
        return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    except OSError:
        return 0


def _unmark_live() -> None:
    """A roll-back waits for no lease: it may have made a version live that was marked at that moment."""
    if live := vector_index.live_collection():
        ModelVersion.objects.filter(number=live.version).update(removed_at=None)


def _remove(version: ModelVersion) -> None:
    """Collections first: those are found again by their names, as the folder is by its own."""
    for collection in vector_index.collections():
        if collection.version == version.number:
            vector_index.drop(collection)
    if version.folder.exists():
        # Renamed first, so that nobody ever reads half a folder.
        aside = Path(tempfile.mkdtemp(prefix=REMOVING, dir=settings.MODEL_DIR))
        version.folder.rename(aside / version.folder.name)
        logger.info("%s is removed", version)
