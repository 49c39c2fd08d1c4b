"""Comparisons, repairs and rebuilds of the index by a worker: ordered, cancelled, taken up again."""

import logging
import time

from django.db import Error, transaction
from django.utils import timezone

from movierec.broker import BrokerUnavailable
from recommendations.index_building import BUILDING, Report
from recommendations.index_sync import Drift, find_drift, repair_drift
from recommendations.leases import LeaseTaken, drop_broken_connection, is_held, lease
from recommendations.live_model import live_model
from recommendations.models import IndexJob, IndexJobQuerySet, ModelVersion
from recommendations.promotion import rebuild
from recommendations.work_orders import order

logger = logging.getLogger(__name__)

LEASE = "index-job"  # of whoever is at a job, so that a job without it has lost its process
LOOK_SECONDS = 1.0
MOST_ATTEMPTS = 3
MOST_FINDINGS = 1_000  # movie IDs that a job keeps of each kind
SCHEDULE = "schedule"  # who started the repairs that nobody asked for

Kind, State = IndexJob.Kind, IndexJob.State


class JobCancelled(Exception):
    """Somebody cancelled the job; what was live stays live."""


class JobEnded(Exception):
    """There is nothing left to cancel; the message says how the job ended."""


def start_index_job(kind: str, *, version: ModelVersion | None = None, started_by: str = "") -> IndexJob:
    """A job for the next free worker; a rebuild names its `version`.

    Raises LeaseTaken while another one is active. Where the broker is away, the job waits for it.
    """
    _refuse_while_active()
    number = version.number if version else None
    job = IndexJob.objects.create(kind=kind, model_version=number, started_by=started_by)
    transaction.on_commit(lambda: send(job))
    return job


def send(job: IndexJob) -> None:
    """Tell a worker. A message that is lost is made up for within a minute (`recover_lost_jobs`)."""
    from recommendations.tasks import run_index_job

    try:
        order(run_index_job, job.pk)
    except BrokerUnavailable as error:
        logger.warning("%s waits for the broker: %s", job, error)


def reconcile() -> IndexJob:
    """Repair the index in this process, and return the job that it was.

    The one by schedule before it is forgotten unless it found something. Raises LeaseTaken while another
    job is active, and as `execute_job` does.
    """
    live_model()  # before anything is written: it may be away for long
    _refuse_while_active()
    earlier = IndexJob.objects.filter(started_by=SCHEDULE).first()
    job = IndexJob.objects.create(kind=Kind.REPAIR, started_by=SCHEDULE)
    execute_job(job)
    if earlier and not found_movies(earlier):
        earlier.delete()
    return job


def found_movies(job: IndexJob) -> int:
    """In how many movies the index differed from the catalogue."""
    return sum(part["count"] for part in job.findings.values())


def execute_job(job: IndexJob) -> None:
    """Do the job; its row says what became of it.

    Raises LeaseTaken, and the job stays queued; JobCancelled; and what the work itself raises.
    """
    with lease(LEASE, str(job)):
        _start(job)
        try:
            _do(job)
        except JobCancelled:
            raise
        except LeaseTaken:  # by a build, say, which may take longer than all attempts
            running = IndexJob.objects.filter(pk=job.pk, state=State.RUNNING)
            running.update(state=State.QUEUED, attempts=job.attempts - 1)
            raise
        except Exception as error:
            _finish(job, State.FAILED, error=str(error) or type(error).__name__)
            raise
        _finish(job, State.DONE)


def cancel_job(job: IndexJob) -> None:
    """End the job: at once while it waits, within seconds while it builds. Raises JobEnded.

    A comparison or repair under way goes on to its end, and its findings are kept.
    """
    if not _active(job).update(state=State.STOPPED, finished_at=timezone.now()):
        job.refresh_from_db()
        raise JobEnded(f"{job}, has ended")
    job.refresh_from_db()


def recover_lost_jobs() -> list[IndexJob]:
    """Queue the jobs again whose process died; after three deaths give up.

    Returns those that want a worker.
    """
    if is_held(LEASE) or is_held(BUILDING):
        return []
    for job in IndexJob.objects.filter(state=State.RUNNING):
        if job.attempts >= MOST_ATTEMPTS:
            _finish(job, State.FAILED, error=f"its process died {job.attempts} times")
        else:
            IndexJob.objects.filter(pk=job.pk, state=State.RUNNING).update(state=State.QUEUED)
    return list(IndexJob.objects.filter(state=State.QUEUED).order_by("pk"))


def _refuse_while_active() -> None:
    if active := IndexJob.objects.active().first():
        raise LeaseTaken(f"{active}, comes first")


def _do(job: IndexJob) -> None:
    if job.kind == Kind.REBUILD:
        rebuild(ModelVersion.objects.get(number=job.model_version or 0), report=_recorder(job))
        return
    drift = find_drift(live_model()) if job.kind == Kind.COMPARE else repair_drift()
    IndexJob.objects.filter(pk=job.pk).update(findings=_findings(drift))


def _findings(drift: Drift) -> dict[str, object]:
    found = {"missing": drift.missing, "surplus": drift.surplus, "stale": drift.stale}
    return {name: {"count": len(ids), "movie_ids": ids[:MOST_FINDINGS]} for name, ids in found.items()}


def _start(job: IndexJob) -> None:
    changes = {"state": State.RUNNING, "attempts": job.attempts + 1, "started_at": timezone.now()}
    if not _active(job).update(**changes):
        raise JobCancelled(f"{job} has ended")
    job.refresh_from_db()


def _finish(job: IndexJob, state: str, *, error: str = "") -> None:
    """A cancelled job stays so, but what went live is done, also if somebody cancelled it too late."""
    jobs = IndexJob.objects.filter(pk=job.pk)
    if state != State.DONE or job.kind != Kind.REBUILD:
        jobs = jobs.filter(state=State.RUNNING)
    jobs.update(state=state, error=error, finished_at=timezone.now())
    job.refresh_from_db()


def _active(job: IndexJob) -> IndexJobQuerySet:
    return IndexJob.objects.active().filter(pk=job.pk)


def _recorder(job: IndexJob) -> Report:
    """Saves how far a build is every second. Raises JobCancelled when the job has been cancelled."""
    looked_at = 0.0

    def record(done: int, total: int) -> None:
        nonlocal looked_at
        if done < total and time.monotonic() - looked_at < LOOK_SECONDS:
            return
        looked_at = time.monotonic()
        try:
            drop_broken_connection()
            goes_on = _active(job).update(done=done, total=total)
        except Error as error:
            logger.warning("progress of %s was not saved: %s", job, error)
        else:
            if not goes_on:
                raise JobCancelled(f"{job} was cancelled")

    return record
