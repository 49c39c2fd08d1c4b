"""Builds a version's collection beside the live one and verifies it, before anything points at it."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from django.utils import timezone

from catalog.models import Movie, MovieChange
from recommendations import vector_index
from recommendations.experiments.models import Experiment
from recommendations.index_rows import index_rows
from recommendations.index_sync import CLOCKS_DIFFER, WRITING, apply_changes, find_drift
from recommendations.index_verification import ExactSearch, Verification, sample_queries, verify
from recommendations.leases import LIFETIME, drop_broken_connection, lease
from recommendations.live_model import LiveModel, load_model
from recommendations.models import ModelVersion
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import Collection, IndexRow, VectorIndexInvalid

logger = logging.getLogger(__name__)

BUILDING = "index-build"  # the lease of whoever builds a collection in order to make it live
WAIT_FOR_SYNC_SECONDS = LIFETIME.total_seconds() + 30  # also for a holder that has died
Report = Callable[[int, int], None]  # movies written, movies in all; both the same while the graph is built


def report_nothing(done: int, total: int) -> None:
    """For callers that show no progress."""


def build_collection(version: ModelVersion, *, report: Report = report_nothing) -> Collection:
    """Build and verify the collection of `version`; the live one is not touched, whatever happens.

    Changes of the catalogue during the build are in it. Leftovers of a build that was cut short are
    replaced. The caller holds the lease BUILDING. What `report` raises ends the build.
    Raises LeaseTaken, NoActiveModel, VectorIndexUnavailable, VectorIndexInvalid.
    """
    model = load_model(version)
    started, known = timezone.now(), _pending()
    collection = vector_index.free_collection(version.number)
    movies = Movie.objects.visible().count()
    vector_index.create(collection, checksum=model.checksum, movies=movies)
    exact = ExactSearch(sample_queries(model))
    vector_index.insert(collection, _reported(exact.watch(index_rows(model)), report))
    vector_index.finish(collection, look=partial(report, movies, movies))
    with lease(WRITING, "the end of a build of the index", wait_seconds=WAIT_FOR_SYNC_SECONDS):
        verified = _settle(collection, model, exact, since=started, known=known)
    logger.info("%s: %s movies, recall@100 %.3f", collection.name, verified.movies, verified.recall)
    return collection


def bring_up_to_date(collection: Collection, version: ModelVersion) -> None:
    """Mend and verify a collection that stood aside for a while, or that a build left unfinished.

    One that people are answered from is loaded, and is not taken from memory to be finished. The catalogue is
    read without the lease, which changes must not wait for that long.
    Raises as `build_collection` does; VectorIndexInvalid if it is beyond mending.
    """
    model = load_model(version)
    started, known = timezone.now(), _pending()
    suspects = find_drift(LiveModel(collection, model)).movie_ids
    exact = ExactSearch(sample_queries(model))
    deque(exact.watch(index_rows(model)), maxlen=0)
    with lease(WRITING, "bringing an earlier index up to date", wait_seconds=WAIT_FOR_SYNC_SECONDS):
        apply_changes(collection, model, suspects)
        if not _is_searched(collection):
            vector_index.finish(collection)
            drop_broken_connection()
        _settle(collection, model, exact, since=started, known=known)


def _pending() -> set[int]:
    """The changes that are in what is read of the catalogue from now on."""
    return set(MovieChange.objects.pending().values_list("pk", flat=True))


def _is_searched(collection: Collection) -> bool:
    """Whether it is the live one, or serves the challenger of an experiment. The caller holds WRITING."""
    running = Experiment.objects.running().first()
    return collection in (vector_index.live_collection(), running and running.challenger_collection)


def _settle(
    collection: Collection, model: ServingModel, exact: ExactSearch, *, since: datetime, known: set[int]
) -> Verification:
    """Apply what changed during the build, then verify; the catalogue may change once more meanwhile."""
    attempts_left = 3
    while True:
        attempts_left -= 1
        changes = MovieChange.objects.since(since - CLOCKS_DIFFER).values_list("pk", "movie_id")
        missed = sorted({movie_id for pk, movie_id in changes if pk not in known})
        apply_changes(collection, model, missed)
        try:
            return verify(collection, exact, changed=missed)
        except VectorIndexInvalid:
            if not attempts_left:
                raise


def _reported(rows: Iterable[IndexRow], report: Report) -> Iterator[IndexRow]:
    total = Movie.objects.visible().count()
    for done, row in enumerate(rows, start=1):
        yield row
        report(done, total)
