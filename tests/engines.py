"""The engines of the tests as processes of their own, to be stopped, paused, killed and started for real."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from recommendations import vector_index
from tests import environment

BASE_DIR = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MILVUS_SERVER = BASE_DIR / ".venv-milvus" / "bin" / "milvus-server"


def wait_until(condition: Callable[[], object], *, seconds: float, what: str) -> float:
    """Seconds it took until `condition` held; fails the test when that is more than `seconds`."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - start


class EngineProcess:
    """A server of the tests' own with everything that it starts: one process group."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        ready: Callable[[], object],
        log: Path,
        env: dict[str, str] | None = None,
        url: str = "",
    ) -> None:
        self.command = [str(part) for part in command]
        self.log = log
        self.url = url
        self._ready = ready
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "EngineProcess":
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                cwd=BASE_DIR,
                env=self._env or os.environ,
                start_new_session=True,
            )
        wait_until(self._is_ready_or_gone, seconds=90, what=f"{self.command[0]} ready, see {self.log}")
        if self.exit_status is not None:
            pytest.fail(f"{' '.join(self.command)} ended at once:\n{self.log.read_text()[-2000:]}")
        return self

    def _is_ready_or_gone(self) -> object:
        return self.exit_status is not None or self._ready()

    @property
    def exit_status(self) -> int | None:
        return self._process.poll() if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would, with everything that it started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, as an operator would; kill it when it does not."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._signal(number)
        self._signal(signal.SIGCONT)  # a paused process ends only when it goes on
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=15)
        self._signal(signal.SIGKILL)
        self._process.wait(timeout=15)
        wait_until(lambda: not self._has_processes(), seconds=15, what=f"all of {self.command[0]} has ended")
        self._process = None

    def _has_processes(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def database_url() -> str:
    """Names the database of the running tests, for processes beside them."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(environment.MYSQL_URL)._replace(path=f"/{name}").geturl()


def shared_environment(**changes: str) -> dict[str, str]:
    """The environment of a process that works on the database, models and engines of the running test."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "MODEL_DIR": str(settings.MODEL_DIR),
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        **changes,
    }


def milvus_answers() -> bool:
    # Nothing is asked of a closed port: gRPC would remember it and wait longer and longer.
    if not listens(urlsplit(settings.MILVUS_URI).port or 0):
        return False
    try:
        client = MilvusClient(settings.MILVUS_URI, timeout=2, dedicated=True)
        client.list_collections(timeout=2)
        client.close()
    except (MilvusException, grpc.RpcError):
        return False
    return True


def milvus_searches(collection: str) -> bool:
    client = MilvusClient(settings.MILVUS_URI, timeout=2, dedicated=True)
    try:
        return bool(client.query(collection, filter="", output_fields=["count(*)"], timeout=2))
    except (MilvusException, grpc.RpcError):
        return False
    finally:
        client.close()


def site_reaches_milvus() -> bool:
    """Whether this process's own connection answers, which tries again only every two seconds."""
    try:
        vector_index.ping()
    except vector_index.VectorIndexUnavailable:
        return False
    return True


def milvus_lite(folder: Path) -> EngineProcess:
    """The embedded Milvus on the port that MILVUS_URI names."""
    address = urlsplit(settings.MILVUS_URI)
    command = [BASE_DIR / "scripts" / "milvus_lite", "--data-dir", folder / "data"]
    command += ["--host", address.hostname, "--port", str(address.port)]
    return EngineProcess(command, ready=milvus_answers, log=folder / "milvus-lite.log")


def milvus_server(folder: Path) -> EngineProcess:
    """A real Milvus server on the port that MILVUS_URI names; several can stand side by side."""
    if not MILVUS_SERVER.exists():
        pytest.fail(f"no Milvus server at {MILVUS_SERVER}: make test-services installs it")
    client_port, peer_port = environment.free_port(), environment.free_port()
    client_url, peer_url = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    config = folder / "etcd.yaml"  # its own etcd would otherwise insist on the fixed port 2380
    config.write_text(
        f"name: default\ndata-dir: {folder / 'etcd'}\n"
        f"listen-client-urls: {client_url}\nadvertise-client-urls: {client_url}\n"
        f"listen-peer-urls: {peer_url}\ninitial-advertise-peer-urls: {peer_url}\n"
        f"initial-cluster: default={peer_url}\n"
    )
    # --proxy-port and --etcd-port are wishes: while old connections linger it would take the next port.
    command = [MILVUS_SERVER, "--data", folder / "data"]
    command += ["--extra-config", f"proxy.port={urlsplit(settings.MILVUS_URI).port}"]
    command += ["--extra-config", f"etcd.endpoints=127.0.0.1:{client_port}"]
    command += ["--extra-config", "proxy.timeTickInterval=50"]  # ms; reads of the latest writes wait for it
    env = {**os.environ, "ETCD_CONFIG_PATH": str(config)}
    return EngineProcess(command, ready=milvus_answers, log=folder / "milvus-server.log", env=env)


def empty_milvus(*, keep: str = "") -> None:
    """Drop every alias and every collection but `keep`, as if Milvus had just been installed."""
    client = MilvusClient(settings.MILVUS_URI, timeout=10, dedicated=True)
    for name in client.list_collections():
        for alias in client.list_aliases(collection_name=name)["aliases"]:
            client.drop_alias(alias)
        if name != keep:
            client.drop_collection(name)
    client.close()


def procfile_command(name: str) -> list[str | Path]:
    """The command of a process of the Procfile, by this virtual environment's programs."""
    lines = dict(line.split(": ", 1) for line in (BASE_DIR / "Procfile").read_text().splitlines())
    program, *options = shlex.split(lines[name].removeprefix("exec "))
    return [BIN / program, *options]


def celery_worker(folder: Path, name: str, *options: str, **changes: str) -> EngineProcess:
    """The worker `sync` (with beat) or `training` of the Procfile on the broker of the settings."""
    log = folder / f"{name}-{environment.free_port()}.log"
    schedule = folder / f"{log.stem}-schedule"
    command = [*procfile_command(name), "--loglevel", "INFO", *options]
    if "--beat" in command:
        command += ["--schedule", str(schedule)]
    env = shared_environment(**changes)
    return EngineProcess(command, ready=lambda: " ready." in log.read_text(), log=log, env=env)


def web_server(folder: Path, **changes: str) -> EngineProcess:
    """The web server of the Procfile, on a free port."""
    collect_static_files()
    port = environment.free_port()
    env = shared_environment(PORT=str(port), **changes)
    url, log = f"http://127.0.0.1:{port}", folder / f"web-{port}.log"
    return EngineProcess(procfile_command("web"), ready=lambda: listens(port), log=log, env=env, url=url)


@cache
def collect_static_files() -> None:
    """As an installation does once, for the pages of real web servers."""
    call_command("collectstatic", interactive=False, verbosity=0)


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def manage(command: str, *options: str | Path) -> subprocess.Popen[bytes]:
    """A management command in a process of its own, on the database and engines of the running test."""
    words = [sys.executable, "manage.py", command, *map(str, options)]
    return subprocess.Popen(words, cwd=BASE_DIR, env=shared_environment())
