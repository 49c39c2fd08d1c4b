"""Leases: one process at a time trains, builds or writes the index, on however many machines.

A lease is a row that its holder renews from a thread; when the holder dies, it runs out.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import Error, IntegrityError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from catalog.deadlocks import MYSQL_DEADLOCK
from recommendations.models import Lease

logger = logging.getLogger(__name__)

LIFETIME = timedelta(seconds=90)  # so that one renewed lately holds where the clock is a minute ahead
RENEWAL_SECONDS = 10.0
RETRY_SECONDS = 0.2


class LeaseTaken(Exception):
    """Another process is at this work; the message says which one and since when."""


@contextmanager
def lease(name: str, purpose: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lease `name` for the block. Raises LeaseTaken if somebody alive holds it for longer."""
    owner = f"{_place()}:{os.getpid()}:{threading.get_ident()}"
    _acquire_within(wait_seconds, name, owner, purpose)
    done = threading.Event()
    renewal = threading.Thread(
        target=_renew_until, args=(done, name, owner), daemon=True, name=f"lease-{name}"
    )
    renewal.start()
    try:
        yield
    finally:
        done.set()
        renewal.join()
        _release(name, owner)


def is_held(name: str) -> bool:
    """Whether somebody alive holds the lease `name`."""
    held = Lease.objects.filter(name=name, expires_at__gt=timezone.now()).first()
    return held is not None and not _is_dead(held.owner)


def drop_broken_connection() -> None:
    """For long work between requests: a connection that its server closed would fail every query to come."""
    if not connection.in_atomic_block:
        close_old_connections()


def _acquire_within(wait_seconds: float, name: str, owner: str, purpose: str) -> None:
    drop_broken_connection()  # what came before may have taken hours
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return _acquire(name, owner, purpose)
        except LeaseTaken:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)


def _acquire(name: str, owner: str, purpose: str) -> None:
    now = timezone.now()
    wanted = Lease(name=name, owner=owner, purpose=purpose, acquired_at=now, expires_at=now + LIFETIME)
    try:
        with transaction.atomic():
            held = Lease.objects.select_for_update().filter(name=name).first()
            if held and held.expires_at > now and not _is_dead(held.owner):
                raise LeaseTaken(
                    f"{held.purpose} is under way (by {held.owner}, since {held.acquired_at:%H:%M:%S})"
                )
            wanted.save(force_insert=held is None, force_update=held is not None)
    except (IntegrityError, OperationalError) as error:  # several inserted the row while it was being deleted
        if isinstance(error, OperationalError) and error.args[:1] != (MYSQL_DEADLOCK,):
            raise
        raise LeaseTaken(f"{purpose} was started by another process at the same moment") from error


def _release(name: str, owner: str) -> None:
    """Give the lease back; the work is done also if the database is away, and then the lease runs out."""
    try:
        drop_broken_connection()
        Lease.objects.filter(name=name, owner=owner).delete()
    except Error as error:
        logger.warning("the lease %s is given back by running out: %s", name, error)


def _place() -> str:
    """Where process IDs are those that this process sees: machines and containers may share a host's name."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
        return f"{socket.gethostname()}/{boot}-{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:  # not Linux
        return socket.gethostname()


def _is_dead(owner: str) -> bool:
    """Whether the owner is known to be gone: a process of this very place that no longer exists."""
    place, pid, _thread = owner.rsplit(":", 2)
    if place != _place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _renew_until(done: threading.Event, name: str, owner: str) -> None:
    try:
        while not done.wait(RENEWAL_SECONDS):
            _renew(name, owner)
    finally:
        connection.close()  # this thread's own


def _renew(name: str, owner: str) -> None:
    """A round that fails is made up for by the next one; if all fail, the lease runs out as it should."""
    try:
        drop_broken_connection()
        held = Lease.objects.filter(name=name, owner=owner).update(expires_at=timezone.now() + LIFETIME)
    except Error as error:
        logger.warning("the lease %s was not renewed: %s", name, error)
    else:
        if not held:
            logger.error("the lease %s ran out and went to another process while the work went on", name)
