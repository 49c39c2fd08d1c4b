"""Keeps served lists, so that feedback and questions can refer to them: at once, or in batches.

A web server (gunicorn.conf.py) stores them in batches: a thread writes what gathered since its last batch, so
that no reader waits for the database to write. Whoever asks for a list by its ID waits until it is there.
docs/adr/0050-served-lists-in-batches.md says what may be lost when.
"""

import logging
import threading
import time
from collections.abc import Sequence
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, close_old_connections
from django.db.models import QuerySet

from catalog.models import User
from recommendations.models import ServedList

logger = logging.getLogger(__name__)

GATHER_SECONDS = 0.1
PATIENCE_SECONDS = 1.0  # within which another process has stored what it served
MOST_PATIENT = 2  # threads at once that wait for another process
PAUSE_SECONDS = 1.0  # after a batch that could not be stored
BATCH = 200  # lists of a statement, about 12 KB each: far below MySQL's max_allowed_packet
MOST_WAITING = 5_000  # lists of about 50 KB in memory; beyond, in a long outage, the oldest are given up
MYSQL_INVALID_JSON = 3140  # an operational error to its driver, though the list is at fault

_lock = threading.Lock()  # of the two below
_waiting: list[ServedList] = []
_writer: threading.Thread | None = None
_writing = threading.Lock()  # held while a batch is stored
_patient = threading.Semaphore(MOST_PATIENT)
_something = threading.Event()
_ending = threading.Event()


def store(served: ServedList) -> None:
    """Keep `served`: when this returns, unless a writer runs, which does it within GATHER_SECONDS."""
    if _writer is None:
        served.save(force_insert=True)
        return
    with _lock:
        _waiting.append(served)
        del _waiting[:-MOST_WAITING]
    _something.set()


def start_writer() -> None:
    """Store lists in batches from now on, in a thread of this process."""
    global _writer
    _ending.clear()
    _writer = threading.Thread(target=_write_on, name="served-lists", daemon=True)
    _writer.start()


def stop_writer() -> None:
    """Store what waits, and from now on at once; for a process that ends."""
    global _writer
    if _writer is None:
        return
    writer, _writer = _writer, None
    _ending.set()
    _something.set()
    writer.join(timeout=10)
    write_waiting()


def find(list_id: UUID, user: User, *, patience: float | None = None) -> ServedList | None:
    """The list that `user` was served under this ID, also if it is to be stored only now.

    It is looked for where lists are written, which a replica may be behind, and waited for `patience`
    seconds, by default PATIENCE_SECONDS; not at all while MOST_PATIENT threads of this process wait, so that
    made-up IDs do not occupy all of them.
    """
    own = ServedList.objects.using(DEFAULT_DB_ALIAS).filter(pk=list_id, user=user)
    if (found := own.first()) is not None or _writer is None:
        return found
    write_waiting()
    found = own.first()
    patience = PATIENCE_SECONDS if patience is None else patience
    if found is None and patience > 0 and _patient.acquire(blocking=False):
        try:
            found = _wait_for(own, patience)
        finally:
            _patient.release()
    return found


def _wait_for(own: QuerySet[ServedList], seconds: float) -> ServedList | None:
    deadline = time.monotonic() + seconds
    while (found := own.first()) is None and time.monotonic() < deadline:
        time.sleep(GATHER_SECONDS)
    return found


def write_waiting() -> None:
    """Store what waits in this process; what cannot be stored now waits on."""
    with _writing:
        while batch := _take():
            try:
                _insert(batch)
            except Error as error:
                _put_back(batch)
                logger.error("%s served lists wait to be stored: %s", len(_waiting), error)
                return


def _take() -> list[ServedList]:
    with _lock:
        batch = _waiting[:BATCH]
        del _waiting[:BATCH]
    return batch


def _put_back(batch: Sequence[ServedList]) -> None:
    with _lock:
        _waiting[:0] = batch
        del _waiting[:-MOST_WAITING]


def _insert(batch: Sequence[ServedList]) -> None:
    """All of them, but for those that cannot be stored. A second attempt stores none twice."""
    try:
        ServedList.objects.bulk_create(batch, ignore_conflicts=True)
    except Error as error:
        if _will_pass(error):
            raise
        for served in batch:
            _insert_one(served)


def _insert_one(served: ServedList) -> None:
    """It is dropped if that is its own fault, such as when its account is gone by now."""
    try:
        ServedList.objects.bulk_create([served], ignore_conflicts=True)
    except Error as error:
        if _will_pass(error):
            raise
        logger.warning("served list %s cannot be stored: %s", served.pk, error)


def _will_pass(error: Error) -> bool:
    """Whether the database is at fault (away, locked, full), and not what it was sent."""
    of_database = isinstance(error, OperationalError | InterfaceError)
    return of_database and error.args[:1] != (MYSQL_INVALID_JSON,)


def _write_on() -> None:
    while not _ending.is_set():
        _something.wait()
        _ending.wait(GATHER_SECONDS)
        _something.clear()
        close_old_connections()
        write_waiting()
        if _waiting:
            _ending.wait(PAUSE_SECONDS)
            _something.set()
    close_old_connections()
