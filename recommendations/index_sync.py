"""Keeps the live collection in step with the catalogue: drains the outbox, finds drift and mends it.

The collection of an experiment's challenger follows it, and never holds it up: what it misses is mended by
the next comparison.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from catalog.cards import forget_cards
from catalog.models import MovieChange
from recommendations import vector_index
from recommendations.batching import batches
from recommendations.experiments.models import Experiment
from recommendations.index_rows import CHUNK_MOVIES, differs, index_rows
from recommendations.leases import lease
from recommendations.live_model import (
    LiveModel,
    NoActiveModel,
    forget_live_model,
    live_model,
    model_beside,
    release_model_beside,
)
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import Collection, VectorIndexUnavailable

logger = logging.getLogger(__name__)

WRITING = "index-writes"  # the lease of whoever applies changes or moves the alias
CHANGES_AT_ONCE = 5_000
WAIT_SECONDS = 30.0  # of a repair, for changes that are being passed on
CLOCKS_DIFFER = timedelta(minutes=1)
OUTBOX_KEPT = timedelta(days=1)  # longer than the longest build of a collection


@dataclass
class Drift:
    """Movies by ID in which the collection and the catalogue differ."""

    missing: list[int] = field(default_factory=list)  # in the catalogue only
    surplus: list[int] = field(default_factory=list)  # in the collection only
    stale: list[int] = field(default_factory=list)  # in both, with other contents

    @property
    def movie_ids(self) -> list[int]:
        return sorted({*self.missing, *self.surplus, *self.stale})

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus or self.stale)


def sync_changes() -> int:
    """Pass pending changes of movies on to the live collection; how many movies they were.

    The current state of each movie is written, so neither order nor repetition matters.
    Raises LeaseTaken, NoActiveModel, VectorIndexUnavailable; then the changes stay pending.
    """
    with lease(WRITING, "passing changes on to the index"):
        changes = list(MovieChange.objects.pending().values_list("pk", "movie_id")[:CHANGES_AT_ONCE])
        if not changes:
            return 0
        movie_ids = sorted({movie_id for _pk, movie_id in changes})
        live = _live_for_writing()
        apply_changes(live.collection, live.model, movie_ids)
        _pass_on_to_challenger(movie_ids)
        forget_cards(movie_ids)  # once more: the process of the change may have died before it could
        now = timezone.now()
        for pks in batches((pk for pk, _movie_id in changes), 900):
            MovieChange.objects.filter(pk__in=pks).update(passed_on_at=now)
        MovieChange.objects.filter(passed_on_at__lt=now - OUTBOX_KEPT).delete()
    return len(movie_ids)


def make_pending_since(moment: datetime) -> None:
    """Pass changes on once more that may have reached a collection only that was live at `moment`.

    The caller holds the lease WRITING.
    """
    MovieChange.objects.filter(passed_on_at__gte=moment - CLOCKS_DIFFER).update(passed_on_at=None)


def apply_changes(collection: Collection, model: ServingModel, movie_ids: Sequence[int]) -> Drift:
    """Make `collection` hold the current state of these movies, which may be gone or withdrawn.

    Returns how it differed.

    What it holds already is not written again: after an import and the first build that is the whole
    catalogue, and each row would be a deletion, too (docs/adr/0057-a-build-inserts.md).
    """
    drift = Drift()
    for chunk in batches(movie_ids, CHUNK_MOVIES):
        rows = {row.movie_id: row for row in index_rows(model, movie_ids=chunk)}
        stored = vector_index.fetch(collection, chunk)
        missing, surplus = sorted(rows.keys() - stored.keys()), sorted(stored.keys() - rows.keys())
        stale = sorted(pk for pk in rows.keys() & stored.keys() if differs(rows[pk], stored[pk]))
        vector_index.upsert(collection, [rows[pk] for pk in missing + stale])
        vector_index.delete(collection, surplus)
        drift.missing += missing
        drift.surplus += surplus
        drift.stale += stale
    return drift


def find_drift(live: LiveModel) -> Drift:
    """Compare the whole catalogue with the live collection. Raises VectorIndexUnavailable."""
    drift = Drift()
    collection = live.collection
    last = 0
    for rows in batches(index_rows(live.model), CHUNK_MOVIES):
        stored = vector_index.fetch(collection, [row.movie_id for row in rows])
        drift.missing += [row.movie_id for row in rows if row.movie_id not in stored]
        drift.stale += [
            row.movie_id for row in rows if row.movie_id in stored and differs(row, stored[row.movie_id])
        ]
        drift.surplus += _surplus(collection, last + 1, rows[-1].movie_id, {row.movie_id for row in rows})
        last = rows[-1].movie_id
    drift.surplus += _surplus(collection, last + 1, 2**62, set())
    return drift


def repair_drift() -> Drift:
    """Mend what `find_drift` finds in the live collection, and return what it was.

    The catalogue is compared without the lease, which changes must not wait for that long, and what
    differed once more under it. Raises LeaseTaken, NoActiveModel, VectorIndexUnavailable.
    """
    return _repair(_live_for_writing)


def repair_challenger() -> Drift:
    """As `repair_drift`, of the collection of the running experiment's challenger, if there is one."""
    experiment = Experiment.objects.running().first()
    if experiment is None:
        release_model_beside()
        return Drift()
    return _repair(lambda: model_beside(experiment.challenger_collection))


def _repair(look: Callable[[], LiveModel]) -> Drift:
    suspects = find_drift(look()).movie_ids
    if not suspects:
        return Drift()
    with lease(WRITING, "a repair of the index", wait_seconds=WAIT_SECONDS):
        live = look()
        return apply_changes(live.collection, live.model, suspects)


def _pass_on_to_challenger(movie_ids: Sequence[int]) -> None:
    experiment = Experiment.objects.running().first()
    if experiment is None:
        release_model_beside()
        return
    try:
        beside = model_beside(experiment.challenger_collection)
        apply_changes(beside.collection, beside.model, movie_ids)
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("the challenger's collection misses movies %s: %s", movie_ids[:20], error)


def _live_for_writing() -> LiveModel:
    """What is live now, not up to two seconds ago: a write to the collection before would be lost."""
    forget_live_model()
    return live_model()


def pending_changes() -> int:
    """Changes of movies that the index has not seen yet."""
    return MovieChange.objects.pending().count()


def _surplus(collection: Collection, low: int, high: int, expected: set[int]) -> list[int]:
    """IDs from `low` to `high` that the collection holds and should not; a full answer is asked in halves."""
    found = vector_index.ids_between(collection, low, high)
    if len(found) < vector_index.MAX_ROWS:
        return sorted(found - expected)
    middle = (low + high) // 2
    return _surplus(collection, low, middle, expected) + _surplus(collection, middle + 1, high, expected)
