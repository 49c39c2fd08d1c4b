"""Zips that are broken or mean harm."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from catalog.models import Rating
from catalog.movielens import sources
from catalog.movielens.errors import ImportRejected
from catalog.movielens.importer import import_data_set
from tests.catalog.movielens_files import ML_1M, stored_ratings, write, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A good zip of a data set."""
    return zipped(write(tmp_path / "data", ML_1M))


def add(archive: Path, member: str | zipfile.ZipInfo, content: bytes = b"x") -> None:
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(member, content)


def test_a_truncated_zip_is_refused(archive: Path):
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(ImportRejected, match="is a truncated or damaged zip file"):
        import_data_set(archive)


def test_a_zip_with_damaged_content_is_refused_and_nothing_of_the_file_imported(tmp_path: Path):
    archive = tmp_path / "data.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in ML_1M.items():
            opened.writestr(name, content)
    damaged = archive.read_bytes().replace(b"2::3::1::891717743", b"2::3::2::891717743")
    archive.write_bytes(damaged)
    with pytest.raises(ImportRejected, match=r"ratings.dat: cannot be read to its end: Bad CRC-32"):
        import_data_set(archive)
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "name", ["../evil.dat", "/etc/evil.dat", "a/../../evil.dat", "..\\evil.dat", "C:/evil.dat"]
)
def test_a_member_that_leads_out_of_the_zip_is_refused(archive: Path, name: str):
    add(archive, name)
    with pytest.raises(ImportRejected, match="leads out of the zip"):
        import_data_set(archive)


def test_a_link_in_a_zip_is_refused(archive: Path):
    link = zipfile.ZipInfo("link.dat")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    add(archive, link, b"/etc/passwd")
    with pytest.raises(ImportRejected, match=r"member 'link.dat' is a link"):
        import_data_set(archive)


def test_a_member_that_unpacks_to_much_more_than_its_size_is_refused(archive: Path):
    add(archive, "bomb.dat", bytes(5_000_000))
    with pytest.raises(
        ImportRejected, match=r"member 'bomb.dat' unpacks to [\d,]+ times its size, more than 200"
    ):
        import_data_set(archive)


def test_a_zip_that_unpacks_to_too_much_is_refused(archive: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_UNPACKED", 100)
    with pytest.raises(ImportRejected, match=r"unpacks to [\d,]+ bytes, more than 100"):
        import_data_set(archive)


def test_a_zip_of_too_many_members_is_refused(archive: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "MAX_MEMBERS", 2)
    with pytest.raises(ImportRejected, match="holds 3 members, more than 2"):
        import_data_set(archive)


def test_no_more_is_read_than_the_zip_states(archive: Path):
    """A bomb that lies about its size stops at the size it states."""
    content = bytearray(archive.read_bytes())
    place = content.rindex(b"ratings.dat") - 46 + 24  # of the unpacked size in the central directory
    content[place : place + 4] = struct.pack("<I", 12)
    archive.write_bytes(content)
    with pytest.raises(ImportRejected, match=r"ratings.dat"):
        import_data_set(archive)


def test_a_name_that_is_in_a_zip_twice_is_refused(archive: Path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        add(archive, "ratings.dat")
    with pytest.raises(ImportRejected, match=r"member 'ratings.dat' is in it 2 times"):
        import_data_set(archive)


def test_an_encrypted_zip_is_refused(archive: Path):
    content = bytearray(archive.read_bytes())
    place = content.rindex(b"ratings.dat") - 46 + 8  # of the flags in the central directory
    content[place] |= 1
    archive.write_bytes(content)
    with pytest.raises(ImportRejected, match=r"ratings.dat: cannot be read to its end: .*encrypted"):
        import_data_set(archive)


def test_an_empty_zip_is_refused(tmp_path: Path):
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    with pytest.raises(ImportRejected, match="holds no MovieLens data"):
        import_data_set(tmp_path / "empty.zip")


def test_entries_for_the_folder_that_was_zipped_are_ignored(archive: Path):
    add(archive, "./", b"")
    add(archive, ".")
    import_data_set(archive)
    assert len(stored_ratings()) == 4


def test_what_macos_adds_to_a_zip_is_ignored(archive: Path):
    add(archive, "__MACOSX/._ratings.dat", b"\x00\x05\x16\x07")
    add(archive, ".DS_Store")
    import_data_set(archive)
    assert len(stored_ratings()) == 4
