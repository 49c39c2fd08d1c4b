"""How the web server runs, in the demo and in the container alike; `gunicorn movierec.wsgi` reads it."""

import contextlib
import ctypes
import itertools
import os
import shutil
import sys
import tempfile
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
if workers < 1:
    sys.exit("movierec: WEB_CONCURRENCY: at least one worker is needed")
threads = 8
timeout = 30  # seconds until a worker that does not answer is replaced
graceful_timeout = 20  # seconds that requests in flight have when the server stops
keepalive = 60  # seconds; longer than people think between two pages, or their next request is reset
limit_request_line = 8190  # bytes; two hundred IDs to exclude fit
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
accesslog = os.environ.get("ACCESS_LOG")  # "-" is standard output

M_ARENA_MAX = -8  # of mallopt(3)

own_figures = ""
if workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # Each worker counts for itself; in a folder of theirs /metrics adds them up.
    own_figures = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="movierec-metrics-")


def pre_fork(server: Any, worker: Any) -> None:
    """The worker counts on in the files of one that is gone: every file more makes /metrics slower."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in itertools.count(1) if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    _use_two_heaps()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import values  # it looks for the folder when it is imported

        values.ValueClass = values.MultiProcessValue(lambda: f"{server.pid}-{worker.place}")


def _use_two_heaps() -> None:
    """For all threads: glibc would give each its own, which keeps what its largest answer took."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def post_worker_init(worker: Any) -> None:
    from recommendations import served_lists  # Django is set up by now

    served_lists.start_writer()


def worker_exit(server: Any, worker: Any) -> None:
    """Requests have been answered; what they served is stored before the worker is gone."""
    if "recommendations.served_lists" in sys.modules:
        sys.modules["recommendations.served_lists"].stop_writer()


def on_exit(server: Any) -> None:
    if own_figures:
        shutil.rmtree(own_figures, ignore_errors=True)
