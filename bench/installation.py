"""Installations to measure: a folder, a database, a Milvus and a model of one epoch, made once and kept.

`embedded` is what `make demo` runs on: SQLite and Milvus Lite. `services` is MySQL, a Milvus server and
Redis, on the addresses that MYSQL_URL and REDIS_URL name (as for `make test-services`).
"""

import argparse
import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.processes import children, free_port, listens, running, until
from bench.record import FOLDER, PROJECT

BIN = Path(sys.executable).parent
MILVUS_LITE = PROJECT / "scripts" / "milvus_lite"
MILVUS_SERVER = PROJECT / ".venv-milvus" / "bin" / "milvus-server"
WHOLE_SEGMENTS = {  # of a Milvus server, as in compose.yaml; why: docs/production.md
    "DATACOORD_SEGMENT_SEALPROPORTION": "1",
    "DATANODE_SEGMENT_INSERTBUFSIZE": "67108864",
}
EMBEDDED, SERVICES = "embedded", "services"
KIB_A_MIB = 1024


# A Milvus server that was just started takes some seconds until it has its collections in memory.
AWAIT_INDEX = """
import time
import django
import numpy as np
django.setup()
from recommendations import vector_index
from recommendations.vector_index import VectorIndexUnavailable
for attempts_left in reversed(range(60)):
    try:
        vector_index.search(vector_index.live_collection(), np.ones(256, np.float32), limit=1)
        break
    except VectorIndexUnavailable:
        if not attempts_left:
            raise
        time.sleep(1)
"""


class SetUpFailed(Exception):
    """An installation could not be made; the message says what failed."""


class Used(NamedTuple):
    """By a process from its start to its end."""

    seconds: float
    cpu_seconds: float
    peak_mib: int


@dataclass(frozen=True)
class Installation:
    engines: str  # EMBEDDED or SERVICES
    data: Path  # a MovieLens folder
    milvus_port: int

    @property
    def folder(self) -> Path:
        return FOLDER.parent / "installations" / f"{self.engines}-{self.data.name}"

    @property
    def database_name(self) -> str:
        return "movierec_bench_" + "".join(c if c.isalnum() else "_" for c in self.data.name)

    @property
    def environment(self) -> dict[str, str]:
        """For every process of the installation."""
        own = {
            "VAR_DIR": str(self.folder),
            "SECRET_KEY": "only for this benchmark",
            "DJANGO_SETTINGS_MODULE": "movierec.settings",
            "MILVUS_URI": f"http://127.0.0.1:{self.milvus_port}",
            "PYTHONPATH": str(PROJECT),
            "ENV_FILE": os.devnull,
        }
        if self.engines == SERVICES:
            own["DATABASE_URL"] = f"{mysql_url()}/{self.database_name}"
            own["CACHE_URL"] = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379") + "/9"
        named = ("DATABASE_URL", "CACHE_URL", "MODEL_DIR", "DATABASE_REPLICA_URL", "MILVUS_TOKEN", "DEBUG")
        return {name: value for name, value in os.environ.items() if name not in named} | own

    def manage(self, command: str, *options: str) -> str:
        """What a management command prints. Raises SetUpFailed with its last complaint."""
        return self.run("manage.py", command, *options)

    def timed(self, command: str, *options: str) -> Used:
        """What a management command takes. Raises SetUpFailed."""
        words = [sys.executable, "manage.py", command, *options]
        began = time.perf_counter()
        process = subprocess.Popen(words, cwd=PROJECT, env=self.environment, stdout=subprocess.DEVNULL)
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SetUpFailed(f"{command} ended with status {process.returncode}")
        return Used(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss // KIB_A_MIB)

    def run(self, *words: str) -> str:
        """What Python prints in the project's folder. Raises SetUpFailed with its last complaint."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SetUpFailed(f"{' '.join(words[:2])}: {done.stderr.strip().splitlines()[-1]}")
        return done.stdout


def arguments_of(description: str | None) -> argparse.ArgumentParser:
    """DATA, --engines and --seed: what every benchmark of installations is asked with."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--engines", nargs="+", default=[EMBEDDED, SERVICES], choices=[EMBEDDED, SERVICES])
    parser.add_argument("--seed", type=int, default=0)
    return parser


def mysql_url() -> str:
    """Of the server, without a database."""
    url = urlsplit(os.environ.get("MYSQL_URL", "mysql://root@127.0.0.1:3306/"))
    return url._replace(path="").geturl()


@contextmanager
def installed(engines: str, data: Path) -> Iterator[Installation]:
    """The installation with its Milvus running; data imported, a model of one epoch live."""
    with _with_engines(Installation(engines, data, free_port())) as installation:
        _fill(installation)
        installation.run("-c", AWAIT_INDEX)
        yield installation


@contextmanager
def installed_empty(engines: str, data: Path) -> Iterator[Installation]:
    """An installation for `data` without any of it yet, removed at the end."""
    installation = Installation(engines, data, free_port())
    shutil.rmtree(installation.folder, ignore_errors=True)
    try:
        with _with_engines(installation):
            installation.manage("collectstatic", "--no-input", "--verbosity", "0")
            yield installation
    finally:
        shutil.rmtree(installation.folder, ignore_errors=True)


@contextmanager
def _with_engines(installation: Installation) -> Iterator[Installation]:
    installation.folder.mkdir(parents=True, exist_ok=True)
    if installation.engines == SERVICES:
        _make_database(installation)
    with running_milvus(installation):
        installation.manage("migrate", "--verbosity", "0")
        yield installation


def _fill(installation: Installation) -> None:
    ratings, newest, live = installation.manage("demo_state").split()
    if ratings == "0":
        _say(installation, "importing")
        installation.manage("import_movielens", str(installation.data))
    if newest == "none":
        _say(installation, "training one epoch")
        installation.manage("train_model", "--epochs", "1")
        newest = installation.manage("demo_state").split()[1]
    if live == "none":
        _say(installation, "building the index")
        installation.manage("promote_model", newest, "--force")
    installation.manage("collectstatic", "--no-input", "--verbosity", "0")


def _say(installation: Installation, what: str) -> None:
    print(f"{installation.engines}: {what} ({installation.data.name}) ...", file=sys.stderr, flush=True)


def _make_database(installation: Installation) -> None:
    """Empty, unless the folder holds what belongs to it."""
    import MySQLdb

    url = urlsplit(mysql_url())
    connection = MySQLdb.connect(
        host=url.hostname or "127.0.0.1",
        port=url.port or 3306,
        user=url.username or "root",
        passwd=url.password or "",
    )
    name, cursor = installation.database_name, connection.cursor()
    if not (installation.folder / "milvus").exists():
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    cursor.execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4")
    connection.close()


@contextmanager
def running_milvus(installation: Installation) -> Iterator[None]:
    """The installation's Milvus on its port, until the block ends."""
    log = installation.folder / "milvus.log"
    data = installation.folder / "milvus"
    port = installation.milvus_port
    env = dict(os.environ)
    if installation.engines == EMBEDDED:
        command = [MILVUS_LITE, "--data-dir", data, "--host", "127.0.0.1"]
        command += ["--port", str(port)]
    else:
        config, etcd_port = _etcd_config(installation.folder)
        env["ETCD_CONFIG_PATH"] = str(config)
        env |= WHOLE_SEGMENTS
        command = [MILVUS_SERVER, "--data", data, "--extra-config", f"proxy.port={port}"]
        command += ["--extra-config", f"etcd.endpoints=127.0.0.1:{etcd_port}"]
    with running(command, log=log, env=env):
        until(lambda: _milvus_answers(port), what="Milvus answers")
        yield


def _etcd_config(folder: Path) -> tuple[Path, int]:
    """Its own etcd would otherwise insist on fixed ports."""
    client_port, peer_port = free_port(), free_port()
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    config = folder / "etcd.yaml"
    config.write_text(
        f"name: default\ndata-dir: {folder / 'etcd'}\n"
        f"listen-client-urls: {client}\nadvertise-client-urls: {client}\n"
        f"listen-peer-urls: {peer}\ninitial-advertise-peer-urls: {peer}\n"
        f"initial-cluster: default={peer}\nforce-new-cluster: true\n"
    )
    return config, client_port


def _milvus_answers(port: int) -> bool:
    if not listens(port):
        return False
    import grpc
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    try:
        client = MilvusClient(f"http://127.0.0.1:{port}", timeout=2, dedicated=True)
        client.list_collections(timeout=2)
        client.close()
    except (MilvusException, grpc.RpcError):
        return False
    return True


@dataclass(frozen=True)
class Web:
    """A web server that runs."""

    url: str
    process_ids: list[int]  # of its workers
    start_seconds: float  # until it first answered


@contextmanager
def running_web(installation: Installation, *, workers: int = 1) -> Iterator[Web]:
    """The installation's web server as in the Procfile, on a free port, until the block ends.

    But for its workers, which are not replaced after so many requests: their memory is to be seen.
    """
    port = free_port()
    command = [BIN / "gunicorn", "movierec.wsgi", "--max-requests", "0"]
    env = installation.environment | {"PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    began = time.perf_counter()
    with running(command, log=installation.folder / "web.log", env=env) as process:
        until(lambda: _is_alive(port), what="the web server answers")
        seconds = time.perf_counter() - began
        until(lambda: len(children(process.pid)) == workers, what="all workers run")
        yield Web(f"http://127.0.0.1:{port}", children(process.pid), seconds)


def _is_alive(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
