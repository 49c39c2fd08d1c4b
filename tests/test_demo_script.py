"""What stops `make demo` is one clear line, before anything long starts."""

import os
import socket
import subprocess
import sys

import pytest

from tests.engines import BASE_DIR


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHON": sys.executable, **env}
    return subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, timeout=20, check=False
    )


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = run("scripts/demo", PORT=str(port))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        f"port {port} on 127.0.0.1 cannot be used (address already in use);"
        " choose another one: make demo PORT=8001\n"
    )


@pytest.mark.parametrize("port", ["", "web", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    ended = run(sys.executable, "scripts/check_port.py", port, "choose another one")
    assert (ended.returncode, ended.stderr) == (1, f"{port!r} is not a port number; choose another one\n")


def test_a_free_port_is_let_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    assert run(sys.executable, "scripts/check_port.py", str(port), "").returncode == 0


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 14, 0)])
def test_a_python_that_cannot_run_it_is_told(version: tuple[int, int, int]) -> None:
    program = f"import sys; sys.version_info = {version}; exec(open('scripts/check_python.py').read())"
    ended = run(sys.executable, "-c", program)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "movierec needs Python 3.11, 3.12 or 3.13" in ended.stderr
    assert ".".join(map(str, version)) in ended.stderr


def test_this_python_is_let_through() -> None:
    assert run(sys.executable, "scripts/check_python.py").returncode == 0
