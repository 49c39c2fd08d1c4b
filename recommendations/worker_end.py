"""Tells the work of a Celery worker that the worker ends, so that it can be left for the next one.

SIGTERM asks a worker to end as soon as its tasks are done. Compose sends it to the worker's main process
alone, which tells the others by what they share; systemd and honcho send it to each of them, which would die
of it at once.
"""

import mmap
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from billiard import current_process
from celery.signals import worker_shutting_down

# A byte shared with the forked processes, without a lock, which one that is killed might keep.
_worker_ends = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _tell(**_: Any) -> None:
    _worker_ends[0] = 1


@contextmanager
def heed_end() -> Iterator[Callable[[], bool]]:
    """Yields what tells whether the worker ends; meanwhile a SIGTERM ends none of its forked processes."""
    signals: list[int] = []
    previous = None
    if _is_forked():
        import paddle  # noqa: F401  (takes SIGTERM for itself as soon as it is imported)

        previous = signal.signal(signal.SIGTERM, lambda number, frame: signals.append(number))
    try:
        yield lambda: bool(signals or _worker_ends[0])
    finally:
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)


def _is_forked() -> bool:
    """Whether this is the main thread of a process that a worker forked: others have their own signals."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    return in_main_thread and current_process().name != "MainProcess"
