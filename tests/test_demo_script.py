"""What stops `make demo` is one clear line, before anything long starts; what it keeps lies in one folder."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import BASE_DIR
from tests.environment import free_port


def run(*command: str, seconds: float = 20, **env: str) -> subprocess.CompletedProcess[str]:
    embedded = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environment = {**embedded, "PYTHON": sys.executable, **env}
    return subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )


def run_demo(tmp_path: Path, install: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`make demo` with `install` in place of what installs, which keeps everything in `tmp_path`."""
    (tmp_path / "make").write_text(f"#!/bin/sh\n{install}\n")
    (tmp_path / "make").chmod(0o700)
    env |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ENV_FILE": str(tmp_path / "env"), "SERVE": "0"}
    return run("scripts/demo", seconds=120, MILVUS_URI=f"http://127.0.0.1:{free_port()}", **env)


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


@pytest.mark.parametrize(
    ("variables", "env_file", "folder"),
    [
        ({"VAR_DIR": ""}, "", "var/milvus"),
        ({"VAR_DIR": "/srv/movie rec"}, "VAR_DIR=/mnt", "/srv/movie rec/milvus"),
        ({"VAR_DIR": "", "HOME": "/home/her"}, "VAR_DIR=~/rec", "/home/her/rec/milvus"),
        ({"VAR_DIR": "/srv", "MILVUS_DATA_DIR": "/mnt/vectors"}, "", "/mnt/vectors"),
    ],
)
def test_milvus_lies_where_all_lies_unless_it_is_told_otherwise(
    variables: dict[str, str], env_file: str, folder: str, tmp_path: Path
) -> None:
    (tmp_path / "env").write_text(env_file)
    ended = run_demo(tmp_path, install='echo "$MILVUS_DATA_DIR"; exit 1', **variables)
    assert ended.stdout == f"{folder}\n"


def test_it_writes_into_the_folders_named_alone(tmp_path: Path) -> None:
    data, var, vectors = tmp_path / "no data", tmp_path / "var", tmp_path / "disk" / "vectors"
    folders = {"VAR_DIR": str(var), "MILVUS_DATA_DIR": str(vectors)}
    ended = run_demo(tmp_path, install="exit 0", MOVIELENS=str(data), **folders)
    assert "no data" in ended.stderr
    assert {path.name for path in vectors.parent.iterdir()} == {"vectors", "vectors.log"}
    assert (var / "movierec.sqlite3").exists()
    assert "DEMO_PASSWORD=" in (tmp_path / "env").read_text()
