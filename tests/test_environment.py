import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from movierec import environment
from movierec.environment import BASE_DIR, BROKER_SCHEMES, CACHE_SCHEMES, DATABASE_SCHEMES


@pytest.mark.parametrize("uri", ["http://127.0.0.1:abc", "http://127.0.0.1:99999"])
def test_a_port_that_is_none_stops_the_start_with_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.setenv("MILVUS_URI", uri)
    with pytest.raises(SystemExit, match=r"^movierec: MILVUS_URI: http://… has no port that is one"):
        environment.read_server("MILVUS_URI", "http://127.0.0.1:19530", ("http",))


@pytest.mark.parametrize(
    ("url", "schemes"),
    [
        ("postgres://movierec:geheim@db/movierec", DATABASE_SCHEMES),
        ("movierec:geheim@db/movierec", DATABASE_SCHEMES),
        ("mysql://movierec:geheim[@db/movierec", DATABASE_SCHEMES),
        ("amqp://movierec:geheim#@broker//", BROKER_SCHEMES),
        ("redis://:ge#heim@redis:6379/1", CACHE_SCHEMES),
    ],
)
def test_a_password_in_a_url_that_is_refused_is_not_told(
    monkeypatch: pytest.MonkeyPatch, url: str, schemes: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SOME_URL", url)
    with pytest.raises(SystemExit, match=r"^movierec: SOME_URL: ") as stopped:
        environment.read_url("SOME_URL", "", schemes)
    assert "heim" not in str(stopped.value)


@pytest.mark.parametrize("url", ["mysql://movierec:ge/heim@db/movierec", "mysql://movierec:ge:heim@db:x/y"])
def test_neither_is_one_that_only_the_library_cannot_read(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SystemExit, match=r"^movierec: DATABASE_URL: mysql://… cannot be read") as stopped:
        environment.read_database("")
    assert "heim" not in str(stopped.value)


@pytest.mark.parametrize("name", ["c++", "100%25 mine", "what?", "no#1", "ein Ordner"])
def test_the_folder_of_an_installation_may_have_any_name(tmp_path: Path, name: str) -> None:
    env = os.environ | {"VAR_DIR": str(tmp_path / name)}
    env.pop("DATABASE_URL", None)
    code = "from movierec import settings; print(settings.DATABASES['default']['NAME'])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=BASE_DIR, stdout=PIPE, text=True, check=True
    )
    assert done.stdout == f"{tmp_path / name / 'movierec.sqlite3'}\n"


def test_blanks_between_the_items_of_a_list_are_no_part_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_LIST", " a.example, b.example,,")
    assert environment.read_list("SOME_LIST", ["c.example"]) == ["a.example", "b.example"]
    monkeypatch.delenv("SOME_LIST")
    assert environment.read_list("SOME_LIST", ["c.example"]) == ["c.example"]


def test_an_empty_folder_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_DIR", " ")
    assert environment.read_path("SOME_DIR", tmp_path) == tmp_path


def test_a_site_without_workers_does_not_start() -> None:
    env = os.environ | {"WEB_CONCURRENCY": "0", "PORT": "0"}
    command = [Path(sys.executable).parent / "gunicorn", "movierec.wsgi"]
    done = subprocess.run(command, env=env, cwd=BASE_DIR, stderr=PIPE, text=True, timeout=60)
    assert done.stderr == "movierec: WEB_CONCURRENCY: at least one worker is needed\n"
