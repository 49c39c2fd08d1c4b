"""Ends a long piece of work soon after somebody asked for it: kindly at first, then by interrupting it.

The work looks at an event where it can stop without loss. Where it does not look for a while, because it
reads millions of rows or computes something in one go, its thread is interrupted by a signal.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import Error, connection

from recommendations.leases import drop_broken_connection

LOOK_SECONDS = 1.0
GRACE_SECONDS = 4.0  # from the request until the work is interrupted
SIGNAL = signal.SIGUSR2  # SIGUSR1 is Celery's


class StopRequested(Exception):
    """Somebody asked for the end of this work."""


@contextmanager
def heed_stop(is_asked_for: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
    """Yields what tells whether to stop. Raises StopRequested within the block if that is not heeded.

    `is_asked_for` is called from a thread of its own every LOOK_SECONDS. Outside of the main thread
    Python knows no interruption, and the block must heed the request by itself.
    """
    asked, done = threading.Event(), threading.Event()
    in_main_thread = threading.current_thread() is threading.main_thread()
    previous = signal.signal(SIGNAL, _interrupt) if in_main_thread else None
    watcher = threading.Thread(
        target=_watch, args=(is_asked_for, asked, done, in_main_thread), daemon=True, name="heed-stop"
    )
    watcher.start()
    try:
        yield asked.is_set
    finally:
        done.set()
        watcher.join()
        if in_main_thread:
            signal.signal(SIGNAL, previous)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise StopRequested("stopped in the middle of its work")


def _watch(
    is_asked_for: Callable[[], bool], asked: threading.Event, done: threading.Event, can_interrupt: bool
) -> None:
    try:
        while not done.wait(LOOK_SECONDS):
            if _looks_asked_for(is_asked_for):
                asked.set()
                if not done.wait(GRACE_SECONDS) and can_interrupt:
                    signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)
                return
    finally:
        connection.close()  # this thread's own


def _looks_asked_for(is_asked_for: Callable[[], bool]) -> bool:
    """A database that is away for a moment asks for nothing."""
    try:
        drop_broken_connection()
        return is_asked_for()
    except Error:
        return False
