"""Keeps served lists, so that feedback and questions can refer to them: at once, or in batches.

A web server (gunicorn.conf.py) stores them in batches: a thread writes what gathered since its last batch, so
that no reader waits for the database to write. Whoever asks for a list by its ID waits until it is there.
docs/adr/0050-served-lists-in-batches.md says what may be lost when.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, Error, IntegrityError, close_old_connections

from catalog.models import User
from recommendations.models import ServedList

logger = logging.getLogger(__name__)

GATHER_SECONDS = 0.1
PATIENCE_SECONDS = 1.0  # within which another process has stored what it served
PAUSE_SECONDS = 1.0  # after a batch that could not be stored
MOST_WAITING = 20_000  # lists; beyond, while the database is away, the oldest are given up

_lock = threading.Lock()  # of the two below
_waiting: list[ServedList] = []
_writer: threading.Thread | None = None
_writing = threading.Lock()  # held while a batch is stored
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
    seconds, by default PATIENCE_SECONDS.
    """
    own = ServedList.objects.using(DEFAULT_DB_ALIAS).filter(pk=list_id, user=user)
    if (found := own.first()) is not None or _writer is None:
        return found
    write_waiting()
    deadline = time.monotonic() + (PATIENCE_SECONDS if patience is None else patience)
    while (found := own.first()) is None and time.monotonic() < deadline:
        time.sleep(GATHER_SECONDS)
    return found


def write_waiting() -> None:
    """Store what waits in this process; what cannot be stored now waits on."""
    with _writing:
        with _lock:
            batch = _waiting[:]
            _waiting.clear()
        if not batch:
            return
        try:
            _insert(batch)
        except Error as error:
            logger.error("%s served lists wait to be stored: %s", len(batch), error)
            with _lock:
                _waiting[:0] = batch


def _insert(batch: Sequence[ServedList]) -> None:
    """All of them, but for those of accounts that are gone by now. A second attempt stores none twice."""
    try:
        ServedList.objects.bulk_create(batch, ignore_conflicts=True)
    except IntegrityError:
        for served in batch:
            with suppress(IntegrityError):
                ServedList.objects.bulk_create([served], ignore_conflicts=True)


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
