"""Fetching MovieLens 100K. The network is replaced; the files are checked for real."""

import hashlib
import io
import subprocess
import time
import zipfile
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from django.core.management import CommandError, call_command

from catalog.movielens import download
from catalog.movielens.download import DownloadFailed, obtain_data_set
from catalog.movielens.errors import ImportRejected
from tests.catalog.movielens_files import ATOMIC, ML_1M, write

FILES = {f"ml-100k.{end}": str(ATOMIC[f"small.{end}"]).encode() for end in ("inter", "item", "user")}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = create_autospec(download.urllib.request.urlopen, side_effect=OSError("no route"))
    monkeypatch.setattr(download.urllib.request, "urlopen", opener)


@pytest.fixture
def package_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """pip finds a wheel with small files in it; the commands that were run."""
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(f"{download.FOLDER_IN_WHEEL}/{name}", content)
    commands = []

    def pip(command: list[str], **options: object) -> None:
        commands.append(command)
        (Path(command[command.index("--dest") + 1]) / "recbole.whl").write_bytes(wheel.getvalue())

    monkeypatch.setattr(download.subprocess, "run", create_autospec(subprocess.run, side_effect=pip))
    monkeypatch.setattr(download, "WHEEL_SHA256", sha256(wheel.getvalue()))
    monkeypatch.setattr(download, "FILES_IN_WHEEL", {name: sha256(c) for name, c in FILES.items()})
    return commands


def site_sends(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    opener = create_autospec(download.urllib.request.urlopen, side_effect=lambda *a, **k: io.BytesIO(content))
    monkeypatch.setattr(download.urllib.request, "urlopen", opener)


def test_a_given_path_comes_first(tmp_path: Path, told: list[str]):
    folder = write(tmp_path / "mine", ML_1M)
    assert obtain_data_set(str(folder), tmp_path / "into", told.append) == folder
    assert told == []


def test_a_given_path_without_data_is_an_error(tmp_path: Path, told: list[str]):
    with pytest.raises(ImportRejected, match="no such folder"):
        obtain_data_set(str(tmp_path / "nowhere"), tmp_path, told.append)


def test_the_site_comes_second_and_is_asked_once(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
):
    site_sends(b"the zip", monkeypatch)
    monkeypatch.setattr(download, "SITE_SHA256", sha256(b"the zip"))
    path = obtain_data_set("", tmp_path, told.append)
    assert (path.name, path.read_bytes()) == ("ml-100k.zip", b"the zip")
    assert obtain_data_set("", tmp_path, told.append) == path
    assert len(told) == 1


@pytest.mark.usefixtures("no_site")
def test_the_package_comes_third_and_is_downloaded_once(
    tmp_path: Path, told: list[str], package_index: list[list[str]]
):
    path = obtain_data_set("", tmp_path, told.append)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == FILES
    assert obtain_data_set("", tmp_path, told.append) == path
    assert len(package_index) == 1
    assert told[1] == (
        "The MovieLens site cannot be reached (no route); "
        "taking the copy of MovieLens 100K in the package recbole==1.2.1"
    )


def test_another_file_from_the_site_is_not_taken(
    tmp_path: Path, told: list[str], package_index: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    site_sends(b"please log in to this network", monkeypatch)
    assert obtain_data_set("", tmp_path, told.append).name == "ml-100k"
    assert "wrong checksum" in told[1]
    assert not (tmp_path / "ml-100k.zip").exists()


def test_a_site_that_does_not_answer_is_given_up_soon(
    tmp_path: Path, told: list[str], package_index: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    opener = create_autospec(download.urllib.request.urlopen, side_effect=lambda *a, **k: time.sleep(3))
    monkeypatch.setattr(download.urllib.request, "urlopen", opener)
    monkeypatch.setattr(download, "SITE_ANSWERS_WITHIN", 0.1)
    started = time.monotonic()
    obtain_data_set("", tmp_path, told.append)
    assert time.monotonic() - started < 2
    assert "did not answer within 0.1 s" in told[1]


@pytest.mark.usefixtures("no_site")
def test_a_damaged_file_is_fetched_again(tmp_path: Path, told: list[str], package_index: list[list[str]]):
    path = obtain_data_set("", tmp_path, told.append)
    (path / "ml-100k.item").write_bytes(b"")
    obtain_data_set("", tmp_path, told.append)
    assert (path / "ml-100k.item").read_bytes() == FILES["ml-100k.item"]
    assert len(package_index) == 2


@pytest.mark.usefixtures("no_site")
def test_another_wheel_is_not_taken(
    tmp_path: Path, told: list[str], package_index: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(download, "WHEEL_SHA256", "0" * 64)
    with pytest.raises(DownloadFailed, match=r"another recbole==1\.2\.1 than expected"):
        obtain_data_set("", tmp_path, told.append)
    assert not (tmp_path / "ml-100k" / "ml-100k.inter").exists()


@pytest.mark.usefixtures("no_site")
def test_a_pip_that_fails_is_told_by_its_last_line(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
):
    failure = subprocess.CalledProcessError(
        1, "pip", stderr="WARNING: retrying\nERROR: No matching version\n"
    )
    monkeypatch.setattr(download.subprocess, "run", create_autospec(subprocess.run, side_effect=failure))
    with pytest.raises(DownloadFailed, match=r"cannot download recbole==1\.2\.1: ERROR: No matching version"):
        obtain_data_set("", tmp_path, told.append)


@pytest.mark.usefixtures("no_site", "package_index")
def test_the_command_prints_the_path_alone_on_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("MOVIELENS", raising=False)
    out, err = io.StringIO(), io.StringIO()
    call_command("fetch_movielens", "--into", str(tmp_path), stdout=out, stderr=err)
    assert out.getvalue() == f"{tmp_path / 'ml-100k'}\n"
    assert "may be used for research" in err.getvalue()


def test_the_command_fails_with_one_line_on_a_wrong_path(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MOVIELENS", "/nowhere")
    with pytest.raises(CommandError, match=r"^/nowhere: there is no such folder or file$"):
        call_command("fetch_movielens")
