"""Opens a folder or a zip as named streams of bytes, and lets nothing lead out of it.

A zip is read in place and never unpacked to disk. Knows nothing of what the files mean.
"""

import stat
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from catalog.movielens.errors import ImportRejected

CHUNK = 1 << 20  # bytes
MAX_MEMBERS = 10_000
MAX_UNPACKED = (
    16 << 30
)  # bytes of a whole zip; the largest MovieLens (32M and latest) unpack to about 1.5 GiB
MAX_RATIO = 200  # unpacked to packed size; MovieLens files reach 10
RATIO_FREE = 1 << 20  # bytes; a member this small is no bomb whatever its ratio
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True)
class DataFile:
    name: str  # without its folder
    size: int  # bytes, unpacked
    opener: Callable[[], IO[bytes]]

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The content in pieces of at most `size` bytes. Raises ImportRejected where it is damaged."""
        try:
            with self.opener() as stream:
                while chunk := stream.read(size):
                    yield chunk
        except DAMAGES as error:
            raise ImportRejected(f"{self.name}: cannot be read to its end: {error}") from error

    def head(self, size: int = 4096) -> bytes:
        """The first bytes, at most `size`."""
        return next(self.chunks(size), b"")


Folders = dict[str, list[DataFile]]  # the files of the root ("") and of each folder in it


@contextmanager
def opened(path: Path) -> Iterator[Folders]:
    """The files of a folder or zip and of the folders right in it; raises ImportRejected."""
    with ExitStack() as stack:
        try:
            if path.is_dir():
                folders = folders_of_directory(path)
            elif path.is_file():
                folders = folders_of_zip(path.name, stack.enter_context(open_zip(path)))
            else:
                raise ImportRejected(f"{path}: there is no such folder or file")
        except OSError as error:
            raise ImportRejected(f"{path}: cannot be read: {error.strerror or error}") from error
        yield folders


def folders_of_directory(root: Path) -> Folders:
    """Hidden files and linked folders are left out; a linked file must stay inside `root`."""
    folders = {"": files_in(root, root)}
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and not is_hidden(entry.name):
            folders[entry.name] = files_in(entry, root)
    return folders


def files_in(folder: Path, root: Path) -> list[DataFile]:
    files = []
    for entry in sorted(folder.iterdir()):
        if is_hidden(entry.name) or not entry.is_file():
            continue
        if not entry.resolve().is_relative_to(root.resolve()):
            raise ImportRejected(f"{entry}: is a link that leads out of {root}")
        files.append(DataFile(entry.name, entry.stat().st_size, partial(open_file, entry)))
    return files


def open_file(path: Path) -> IO[bytes]:
    return path.open("rb")


def is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX"))


def open_zip(path: Path) -> zipfile.ZipFile:
    with path.open("rb") as stream:
        if stream.read(2) != b"PK":
            raise ImportRejected(f"{path}: is neither a folder nor a zip file")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ImportRejected(f"{path}: is a truncated or damaged zip file") from error


def folders_of_zip(name: str, archive: zipfile.ZipFile) -> Folders:
    members = archive.infolist()
    refuse_bomb(name, members)
    folders: defaultdict[str, list[DataFile]] = defaultdict(list)
    for member in members:
        path = safe_path(name, member)
        if member.is_dir() or len(path.parts) not in (1, 2) or any(is_hidden(part) for part in path.parts):
            continue
        folder = path.parts[0] if len(path.parts) == 2 else ""
        folders[folder].append(DataFile(path.name, member.file_size, partial(archive.open, member)))
    return dict(folders)


def refuse_bomb(name: str, members: list[zipfile.ZipInfo]) -> None:
    """Raise ImportRejected unless the sizes that the zip states are plausible; no more is ever read of it."""
    if len(members) > MAX_MEMBERS:
        raise ImportRejected(f"{name}: holds {len(members):,} members, more than {MAX_MEMBERS:,}")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise ImportRejected(f"{name}: unpacks to {unpacked:,} bytes, more than {MAX_UNPACKED:,}")
    for member in members:
        if member.file_size > max(RATIO_FREE, MAX_RATIO * member.compress_size):
            ratio = member.file_size // max(1, member.compress_size)
            problem = f"unpacks to {ratio:,} times its size, more than {MAX_RATIO}"
            raise ImportRejected(f"{name}: member {member.filename!r} {problem}")
    for path, times in Counter(member.filename for member in members).items():
        if times > 1:
            raise ImportRejected(f"{name}: member {path!r} is in it {times} times")


def safe_path(name: str, member: zipfile.ZipInfo) -> PurePosixPath:
    """The member's path inside the zip; raises ImportRejected where it, or a link, leads out."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
        raise ImportRejected(f"{name}: member {member.filename!r} leads out of the zip")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ImportRejected(f"{name}: member {member.filename!r} is a link")
    return path
