"""The health check of the container finds the web server under a name that it answers to."""

import os
import subprocess
import sys

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.engines import BASE_DIR


def check(server: LiveServer, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/check_health.py"],
        cwd=BASE_DIR,
        env={**os.environ, "PORT": server.url.rpartition(":")[2], **variables},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize(
    "names", ["movies.example.org", ".example.org", "movies.example.org,example.org", "*", "[2001:db8::1]"]
)
def test_it_needs_no_name_of_its_own_among_the_allowed_hosts(
    names: str, live_server: LiveServer, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = names.split(",")
    checked = check(live_server, ALLOWED_HOSTS=names)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_where_no_hosts_are_named_it_asks_by_the_address(live_server: LiveServer) -> None:
    assert check(live_server).returncode == 0


def test_a_server_that_refuses_is_not_healthy(live_server: LiveServer, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["movies.example.org"]
    checked = check(live_server, ALLOWED_HOSTS="another.example.org")
    assert checked.returncode == 1
    assert "/healthz: HTTP Error 400" in checked.stderr
