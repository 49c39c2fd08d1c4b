"""A site of a benchmark's own with a data set and a model: made once in var/bench-site, used again after."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.record import PROJECT

FOLDER = PROJECT / "var" / "bench-site"
START_SECONDS = 60.0  # of Milvus


@contextmanager
def own_site(data: Path, *, epochs: int) -> Iterator[None]:
    """The environment of a site of `data`, with its Milvus running; what is lacking is made first.

    Model and index are as a site has them; few epochs will do where accuracy is not what is measured.
    """
    folder = FOLDER / data.name.removesuffix(".zip")
    (folder / "milvus").mkdir(parents=True, exist_ok=True)
    port = _free_port()
    os.environ |= {
        "DEBUG": "false",
        "HTTPS": "false",
        "SECRET_KEY": "only for this benchmark",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'movierec.sqlite3'}",
        "MODEL_DIR": str(folder / "models"),
        "CACHE_URL": "locmemcache://",
        "CELERY_BROKER_URL": "filesystem://",
        "MILVUS_URI": f"http://127.0.0.1:{port}",
    }
    milvus = _milvus(folder, port)
    try:
        _await(port, milvus)
        _complete(data, epochs)
        yield
    finally:
        milvus.terminate()
        milvus.wait()


def _complete(data: Path, epochs: int) -> None:
    _manage("migrate", "--verbosity", "0")
    _manage("collectstatic", "--no-input", "--verbosity", "0")
    ratings, newest, live = _manage("demo_state").split()
    if ratings == "0":
        _manage("import_movielens", str(data.resolve()))
    if newest == "none":
        _manage("train_model", "--epochs", str(epochs), "--promote")
    elif live == "none":
        _manage("rebuild_index")


def _manage(*arguments: str) -> str:
    """What the command prints, which is shown where it takes long."""
    print("manage.py", *arguments, file=sys.stderr, flush=True)
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=PROJECT, check=True, text=True, stdout=subprocess.PIPE).stdout


def _milvus(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    options = ["--data-dir", str(folder / "milvus"), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "milvus.log").open("ab") as log:
        return subprocess.Popen([PROJECT / "scripts" / "milvus_lite", *options], stdout=log, stderr=log)


def _await(port: int, milvus: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while milvus.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"bench: Milvus does not answer on port {port}; see {FOLDER}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
