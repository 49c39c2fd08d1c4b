"""MySQL is killed and started again under load: requests fail for seconds at most, and say when to return."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests import engines, environment
from tests.engines import BASE_DIR, EngineProcess, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db]
READERS = 4


@pytest.fixture(scope="module")
def mysql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """A server of the test's own, with the tables of the project; nobody else is bothered."""
    folder = tmp_path_factory.mktemp("mysql")
    install, server = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
    if not install or not server:
        pytest.fail("no MariaDB here: install mariadb-server")
    as_root = ["--user=root"] if os.getuid() == 0 else []
    subprocess.run(
        [install, "--no-defaults", f"--datadir={folder}/data", "--skip-test-db", *as_root],
        check=True,
        capture_output=True,
    )
    port = environment.free_port()
    command = [server, "--no-defaults", f"--datadir={folder}/data", f"--socket={folder}/socket", *as_root]
    command += [f"--port={port}", "--bind-address=127.0.0.1", "--skip-grant-tables"]
    command += ["--innodb-buffer-pool-size=32M"]
    url = f"mysql://root@127.0.0.1:{port}/movierec"
    process = EngineProcess(command, ready=lambda: engines.listens(port), log=folder / "log", url=url).start()
    create = ["mariadb", "--no-defaults", f"--socket={folder}/socket", "-e", "CREATE DATABASE movierec"]
    subprocess.run([*create[:-1], f"{create[-1]} CHARACTER SET utf8mb4"], check=True)
    env = engines.shared_environment(DATABASE_URL=url)
    for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
        subprocess.run([sys.executable, "manage.py", *command], check=True, cwd=BASE_DIR, env=env)
    yield process
    process.stop()


@pytest.fixture
def site(mysql: EngineProcess, tmp_path: Path) -> Iterator[EngineProcess]:
    process = engines.web_server(tmp_path, DATABASE_URL=mysql.url).start()
    httpx.get(f"{process.url}/healthz", timeout=60)  # the first request loads the application
    yield process
    process.stop()


class Load:
    """Readers who ask for page after page, and what they got: status, seconds, Retry-After."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[tuple[int, float, str | None]] = []
        self._done = threading.Event()
        self._readers = ThreadPoolExecutor(READERS)

    def __enter__(self) -> "Load":
        for _reader in range(READERS):
            self._readers.submit(self._read)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._done.set()
        self._readers.shutdown()

    def _read(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._done.is_set():
                start = time.monotonic()
                answer = client.get(self.url)
                seconds = time.monotonic() - start
                self.answers.append((answer.status_code, seconds, answer.headers.get("Retry-After")))
                time.sleep(0.02)

    def last_are(self, status: int) -> bool:
        return len(self.answers) > READERS and all(a[0] == status for a in self.answers[-READERS:])


def test_a_restart_under_load_costs_seconds_of_503(mysql: EngineProcess, site: EngineProcess) -> None:
    with Load(f"{site.url}/movies/") as load:
        wait_until(lambda: load.last_are(200), seconds=20, what="the site serves")
        mysql.kill()
        wait_until(lambda: load.last_are(503), seconds=5, what="requests are answered without MySQL")
        mysql.start()
        wait_until(lambda: load.last_are(200), seconds=10, what="the site serves again")
    assert {status for status, _seconds, _retry in load.answers} == {200, 503}
    assert {retry for status, _seconds, retry in load.answers if status == 503} == {"5"}
    assert max(seconds for _status, seconds, _retry in load.answers) < 5


def test_while_mysql_is_away_the_api_and_readyz_say_so(mysql: EngineProcess, site: EngineProcess) -> None:
    mysql.kill()
    api, ready = httpx.get(f"{site.url}/api/v1/movies/"), httpx.get(f"{site.url}/readyz")
    alive = httpx.get(f"{site.url}/healthz")
    mysql.start()
    assert (api.status_code, api.headers["Retry-After"]) == (503, "5")
    assert api.json()["errors"][0]["code"] == "unavailable"
    assert (ready.status_code, ready.json()["engines"]["database"]["state"]) == (503, "down")
    assert alive.status_code == 200
    assert httpx.get(f"{site.url}/api/v1/movies/").status_code == 200


def test_readyz_gives_up_a_mysql_that_hangs_within_two_seconds(
    mysql: EngineProcess, site: EngineProcess
) -> None:
    mysql.pause()
    start = time.monotonic()
    answer = httpx.get(f"{site.url}/readyz", timeout=10)
    seconds = time.monotonic() - start
    mysql.resume()
    assert answer.status_code == 503
    assert seconds < 2.5
