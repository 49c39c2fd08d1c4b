"""Finds the table of ratings in a zip as Letterboxd and this site hand it out. Unpacks nothing else.

What the zip states of itself is not believed: of the table no more is unpacked than a table may hold, by the
one method whose output can be bounded while it is unpacked.
"""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from catalog.own_ratings.errors import RatingsFileRejected

MAX_ZIP_BYTES = 10 * 1024 * 1024  # Letterboxd adds reviews, lists and comments
MAX_FILES = 2_000  # a list of Letterboxd is a file
NAMES = ("ratings.csv", "diary.csv")  # the first that is there; a diary has the ratings of what was logged
NOT_MINE = {"deleted", "orphaned", "__macosx"}  # folders of what is no longer there
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
DIRECTORY_ENTRY = b"PK\x01\x02"


def is_zip(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def unpacked_table(content: bytes, *, most: int) -> bytes:
    """The table of ratings in the zip, at most `most` bytes and one more. Raises RatingsFileRejected."""
    if len(content) > MAX_ZIP_BYTES:
        raise RatingsFileRejected(_("The zip file is larger than 10 MB."))
    if content.count(DIRECTORY_ENTRY) > MAX_FILES:  # before a list of them is made
        raise RatingsFileRejected(_("There are more than 2,000 files in the zip file."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            member = _table(archive.infolist())
            if member.compress_type not in METHODS or member.flag_bits & 1:
                raise RatingsFileRejected(_("The zip file is encrypted or packed in an unusual way."))
            with archive.open(member) as table:
                return table.read(most + 1)
    except DAMAGES as error:
        raise RatingsFileRejected(_("The zip file is damaged.")) from error


def _table(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """The member that holds the ratings, that nearest to the root where there are several."""
    paths = [(PurePosixPath(member.filename.lower()), member) for member in members if not member.is_dir()]
    for name in NAMES:
        found = [
            (len(path.parts), str(path), member)
            for path, member in paths
            if path.name == name and not NOT_MINE & set(path.parts)
        ]
        if found:
            return min(found, key=lambda entry: entry[:2])[2]
    raise RatingsFileRejected(_("There is no ratings.csv in the zip file."))
