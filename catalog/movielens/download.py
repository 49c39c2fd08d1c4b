"""Gets MovieLens 100K onto this machine: from the MovieLens site, or out of the recbole wheel.

What arrives is compared with checksums, and put in place in one step, so that a half download is never taken.
"""

import hashlib
import subprocess
import sys
import tempfile
import threading
import urllib.request
import zipfile
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from catalog.movielens.recognition import recognise
from catalog.movielens.sources import opened

SITE = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
SITE_SHA256 = "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229"
SITE_SIZE = 4_924_029  # bytes
SITE_ANSWERS_WITHIN = 5  # seconds
SITE_SENDS_WITHIN = 60  # seconds

PACKAGE = "recbole==1.2.1"
PACKAGE_TIMEOUT = 120  # seconds
WHEEL_SHA256 = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
FOLDER_IN_WHEEL = "recbole/dataset_example/ml-100k"
FILES_IN_WHEEL = {  # and their SHA-256
    "ml-100k.inter": "4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff",
    "ml-100k.item": "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532",
    "ml-100k.user": "4f670007d9cfbeb9807e757209af1555b9bcc186bde25e767f67cb67c6dd5972",
}

LICENCE = (
    "MovieLens data may be used for research, not commercially and not passed on without permission; "
    "see https://grouplens.org/datasets/movielens/ and cite Harper and Konstan, ACM TiiS 5(4), 2015."
)

Tell = Callable[[str], object]


class DownloadFailed(Exception):
    """A source of the data gave nothing usable; the message says why, in one line."""


def obtain_data_set(given: str, into: Path, tell: Tell) -> Path:
    """The path of a MovieLens data set: `given` unless empty, or MovieLens 100K below `into`.

    Takes what an earlier call left in `into`. Raises DownloadFailed, or ImportRejected for a wrong `given`.
    """
    if given:
        return checked(Path(given).expanduser())
    zip_path, folder = into / "ml-100k.zip", into / "ml-100k"
    if is_intact(zip_path, SITE_SHA256):
        return zip_path
    if all(is_intact(folder / name, sha256) for name, sha256 in FILES_IN_WHEEL.items()):
        return folder
    into.mkdir(parents=True, exist_ok=True)
    try:
        tell(f"Downloading MovieLens 100K from {SITE}")
        return download_from_site(zip_path)
    except DownloadFailed as error:
        tell(f"{error}; taking the copy of MovieLens 100K in the package {PACKAGE}")
    return extract_from_package(folder)


def checked(path: Path) -> Path:
    """`path`, if it holds a data set; raises ImportRejected."""
    with opened(path) as folders:
        recognise(str(path), folders)
    return path


def is_intact(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def download_from_site(target: Path) -> Path:
    site = Site()
    site.start()
    if not site.answered.wait(SITE_ANSWERS_WITHIN):
        raise DownloadFailed(f"The MovieLens site did not answer within {SITE_ANSWERS_WITHIN} s")
    site.join(SITE_SENDS_WITHIN)
    if site.error:
        raise DownloadFailed(f"The MovieLens site cannot be reached ({site.error})") from site.error
    if site.content is None:
        raise DownloadFailed(f"The MovieLens site did not send the file within {SITE_SENDS_WITHIN} s")
    if hashlib.sha256(site.content).hexdigest() != SITE_SHA256:
        raise DownloadFailed("The MovieLens site sent another file than expected (wrong checksum)")
    put_in_place(target, site.content)
    return target


class Site(threading.Thread):
    """Downloads SITE in the background, where neither a dead name server nor a slow line holds up anybody."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.answered = threading.Event()
        self.content: bytes | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with urllib.request.urlopen(SITE, timeout=SITE_ANSWERS_WITHIN) as answer:
                self.answered.set()
                self.content = answer.read(SITE_SIZE + 1)
        except (OSError, HTTPException) as error:
            self.error = error
        finally:
            self.answered.set()


def extract_from_package(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        wheel = download_package(Path(scratch))
        with zipfile.ZipFile(wheel) as archive:
            for name, sha256 in FILES_IN_WHEEL.items():
                content = archive.read(f"{FOLDER_IN_WHEEL}/{name}")
                if hashlib.sha256(content).hexdigest() != sha256:
                    raise DownloadFailed(f"{name} in {wheel.name} is not what is expected (wrong checksum)")
                put_in_place(folder / name, content)
    return folder


def download_package(into: Path) -> Path:
    """The wheel of PACKAGE, from the package index that pip is configured for."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "download",
        "--quiet",
    ]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(into), PACKAGE]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=PACKAGE_TIMEOUT)
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise DownloadFailed(f"pip cannot download {PACKAGE}: {reason}") from error
    except subprocess.TimeoutExpired as error:
        raise DownloadFailed(f"pip did not download {PACKAGE} within {PACKAGE_TIMEOUT} s") from error
    wheel = next(into.glob("*.whl"), None)
    if wheel is None or not is_intact(wheel, WHEEL_SHA256):
        raise DownloadFailed(f"pip downloaded another {PACKAGE} than expected (wrong checksum)")
    return wheel


def put_in_place(target: Path, content: bytes) -> None:
    """Write the file beside its place, then rename it: it is there whole or not at all."""
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(content)
    partial.replace(target)
