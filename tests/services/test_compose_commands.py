"""The start commands and health checks of compose.yaml, run on this machine's engines."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import engines, environment
from tests.engines import BASE_DIR, BIN, EngineProcess
from tests.test_compose import SERVICES

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
CONTAINER_TMP = "/tmp"  # noqa: S108  (named in compose.yaml; the tests put a folder of their own there)
IMAGE_CHECK = "python scripts/check_health.py"  # the Dockerfile's


def container_environment(tmp_path: Path) -> dict[str, str]:
    """What the containers have, with this machine's engines; $TMPDIR stands for their own /tmp."""
    engines.collect_static_files()
    return engines.shared_environment(
        PATH=f"{BIN}:{os.environ['PATH']}",
        HOSTNAME=socket.gethostname(),
        HOST="127.0.0.1",
        PORT=str(environment.free_port()),
        TMPDIR=str(tmp_path),
    )


def is_healthy(name: str, env: dict[str, str]) -> bool:
    """What the service's health check says."""
    test = SERVICES[name].get("healthcheck", {}).get("test", ["CMD-SHELL", IMAGE_CHECK])
    line = test[1].replace("$$", "$").replace(CONTAINER_TMP, env["TMPDIR"])
    return subprocess.run(["sh", "-c", line], cwd=BASE_DIR, env=env, capture_output=True).returncode == 0


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineProcess]:
    """The process of a service of compose.yaml, once its health check is content."""
    name, env = request.param, container_environment(tmp_path)
    command = [word.replace(CONTAINER_TMP, str(tmp_path)) for word in SERVICES[name]["command"]]
    process = EngineProcess(
        [BIN / command[0], *command[1:]],
        ready=lambda: is_healthy(name, env),
        log=tmp_path / f"{name}.log",
        env=env,
    )
    yield process.start()
    process.stop()


@pytest.mark.parametrize("service", ["web", "worker-sync", "worker-training", "beat"], indirect=True)
def test_a_service_of_compose_starts_and_its_health_check_is_content(service: EngineProcess) -> None:
    assert service.is_running
    assert "Traceback" not in service.log.read_text()


@pytest.mark.parametrize("name", ["web", "worker-sync", "worker-training", "beat"])
def test_a_health_check_notices_that_nothing_runs(name: str, tmp_path: Path) -> None:
    assert not is_healthy(name, container_environment(tmp_path))
