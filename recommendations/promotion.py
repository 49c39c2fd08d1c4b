"""Which version is live: promotion through the gate, and the way back."""

import logging
from datetime import datetime

from django.utils import timezone

from catalog.models import Movie
from recommendations import vector_index
from recommendations.experiments.ending import stop_active
from recommendations.experiments.models import Experiment
from recommendations.gate import check_gate
from recommendations.index_building import (
    BUILDING,
    WAIT_FOR_SYNC_SECONDS,
    Report,
    bring_up_to_date,
    build_collection,
    report_nothing,
)
from recommendations.index_sync import WRITING, make_pending_since
from recommendations.leases import lease
from recommendations.live_model import forget_live_model
from recommendations.models import ModelVersion
from recommendations.vector_index import Collection, VectorIndexInvalid, VectorIndexUnavailable

logger = logging.getLogger(__name__)


class PromotionRefused(Exception):
    """The gate keeps a version from going live; the message says why."""


def promote(
    version: ModelVersion,
    *,
    force: bool = False,
    overruled_by: str = "",
    overrule_reason: str = "",
    ends: Experiment | None = None,
    report: Report = report_nothing,
) -> Collection:
    """Make `version` live: through the gate, with a verified collection, and only then move the alias.

    `force` overrules the gate, which is recorded with who did it and why. While an experiment is active only
    the promotion that `ends` it is possible. Raises PromotionRefused, and what `build_collection` raises;
    then what was live stays live.
    """
    _refuse_during_experiment(but=ends)
    with lease(BUILDING, f"a build of the index of {version}"):
        live = vector_index.live_collection()
        gate = check_gate(version, live.version if live else None)
        if not gate.passed and not force:
            raise PromotionRefused(f"{version} is not promoted: {gate.reason}")
        record = gate.to_dict() | {"checked_at": timezone.now().isoformat()}
        if not gate.passed:
            record["overruled_by"] = overruled_by or "an operator"
            record["overrule_reason"] = overrule_reason
        started = timezone.now()
        collection = ready_collection(version, report=report)
        _go_live(version, collection, complete_since=started, report=report, gate=record)
    return collection


def rebuild(version: ModelVersion, *, report: Report = report_nothing) -> Collection:
    """Build the collection of `version` anew, beside the live one, and make it live.

    A version that is not live passes the gate first, unless Milvus lost what was live and this version
    was promoted before. During an experiment only its control is rebuilt. Raises as `promote` does.
    """
    active = Experiment.objects.active().first()
    if active and active.control != version.number:
        _refuse_during_experiment()
    with lease(BUILDING, f"a build of the index of {version}"):
        live = vector_index.live_collection()
        accepted = version.promoted_at is not None if live is None else live.version == version.number
        if not accepted:
            gate = check_gate(version, live.version if live else None)
            if not gate.passed:
                raise PromotionRefused(f"{version} is not made live: {gate.reason}")
        _refuse_removed(version)
        started = timezone.now()
        collection = build_collection(version, report=report)
        _go_live(version, collection, complete_since=started, report=report)
    return collection


def roll_back(*, leaving: int | None = None) -> ModelVersion:
    """Make the version live that was live before the present one, and return it.

    With `leaving`, the number of a version, only while that one is live: whoever asks twice goes back once.
    The version left is forgotten as one to go back to. It needs no lease unless the earlier collection
    is gone, so that a build under way does not keep an operator from going back; nor does an experiment,
    which is stopped by this, since its control is left.
    Raises PromotionRefused if there is none, and as `promote` does.
    """
    live = vector_index.live_collection()
    if leaving is not None and (live is None or live.version != leaving):
        raise PromotionRefused(f"version {leaving} is no longer live")
    target = predecessor(live.version) if live else None
    if live is None or target is None:
        raise PromotionRefused("there is no earlier version to go back to")
    started = timezone.now()
    collection = _existing_collection(target)
    if collection is None:
        with lease(BUILDING, f"a build of the index of {target}"):
            collection = build_collection(target)
    stop_active(f"version {live.version} was rolled back to {target.number}")
    _move_alias(target, collection, complete_since=started)
    ModelVersion.objects.filter(number=live.version).update(promoted_at=None)
    return target


def version_to_rebuild() -> ModelVersion | None:
    """The version that the alias names; where Milvus lost it, the one promoted last, or else the newest.

    Raises VectorIndexUnavailable.
    """
    live = vector_index.live_collection()
    named = ModelVersion.objects.filter(number=live.version).first() if live else None
    stored = ModelVersion.objects.stored()
    promoted = stored.exclude(promoted_at=None).order_by("-promoted_at")
    return named or promoted.first() or stored.first()


def _refuse_removed(version: ModelVersion) -> None:
    """Asked for under the lease that a removal needs, too."""
    if not ModelVersion.objects.stored().filter(pk=version.pk).exists():
        raise PromotionRefused(f"{version}: its files were removed")


def predecessor(number: int) -> ModelVersion | None:
    """The version promoted last before version `number` was, of those whose files are there."""
    present = ModelVersion.objects.filter(number=number).first()
    earlier = ModelVersion.objects.stored().exclude(number=number).exclude(promoted_at=None)
    if present and present.promoted_at:
        earlier = earlier.filter(promoted_at__lt=present.promoted_at)
    return earlier.order_by("-promoted_at").first()


def ready_collection(version: ModelVersion, *, report: Report = report_nothing) -> Collection:
    """The verified collection of `version`: one that is there, or a new one. The caller holds BUILDING.

    Raises PromotionRefused if its files were removed, and as `build_collection` does.
    """
    _refuse_removed(version)
    return _existing_collection(version) or build_collection(version, report=report)


def _refuse_during_experiment(*, but: Experiment | None = None) -> None:
    active = Experiment.objects.active().first()
    if active and active != but:
        raise PromotionRefused(f"{active} is active: stop it or promote its challenger first")


def _existing_collection(version: ModelVersion) -> Collection | None:
    """A collection built with this very artifact, brought up to date and verified, if one is of use."""
    for collection in vector_index.collections():
        if collection.version != version.number:
            continue
        if vector_index.checksum_of(collection) != version.checksum:
            continue
        try:
            bring_up_to_date(collection, version)
        except (VectorIndexInvalid, VectorIndexUnavailable) as error:
            logger.warning("%s is of no use, a new collection is built: %s", collection.name, error)
        else:
            return collection
    return None


def _go_live(
    version: ModelVersion,
    collection: Collection,
    *,
    complete_since: datetime,
    report: Report,
    **recorded: object,
) -> None:
    """Move the alias to `collection`, remember when and what is `recorded` of it, and drop what is no longer
    needed to go back.
    """
    before = vector_index.live_collection()
    movies = Movie.objects.visible().count()
    report(movies, movies)  # who cancels while the collection is verified is in time
    _move_alias(version, collection, complete_since=complete_since)
    ModelVersion.objects.filter(pk=version.pk).update(promoted_at=timezone.now(), **recorded)
    try:
        _drop_outdated(live=collection, before=before)
    except (VectorIndexUnavailable, VectorIndexInvalid) as error:
        logger.warning("earlier collections are dropped at the next promotion: %s", error)


def _move_alias(version: ModelVersion, collection: Collection, *, complete_since: datetime) -> None:
    """Point the alias at a collection whose stamp is the version's checksum, while nobody writes.

    What was passed on since `complete_since` may have gone to the collection before only, so it is
    pending again; before the alias moves, so that a crash in between loses nothing.
    """
    if vector_index.checksum_of(collection) != version.checksum:
        raise VectorIndexInvalid(f"{collection.name} was built with another model than {version}")
    with lease(WRITING, "a promotion", wait_seconds=WAIT_FOR_SYNC_SECONDS):
        make_pending_since(complete_since)
        vector_index.make_live(collection)
    forget_live_model()
    logger.info("%s is live in %s", version, collection.name)


def _drop_outdated(*, live: Collection, before: Collection | None) -> None:
    """Drop the collections of past versions, but for the one live before and those to roll back to."""
    previous = predecessor(live.version)
    needed = Experiment.objects.versions_in_use() - {live.version} | (
        {previous.number} if previous else set()
    )
    for collection in vector_index.collections():
        kept = collection in (live, before) or collection.version in needed
        if not kept and collection.version <= live.version:
            vector_index.drop(collection)
