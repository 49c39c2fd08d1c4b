"""Ratings from a zip file as it was downloaded, and none from one that lies about its size."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Rating, User
from catalog.own_ratings import unpacking
from catalog.own_ratings.errors import RatingsFileRejected
from catalog.own_ratings.reading import read_ratings
from tests.factories import MovieFactory, RatingFactory

HEAD = "Date,Name,Year,Letterboxd URI,Rating\n"
ALIEN = f"{HEAD}2021-05-03,Alien,1979,https://boxd.it/x,4.5\n"
HEAT = f"{HEAD}2021-05-03,Heat,1995,https://boxd.it/y,1\n"
DIARY = (
    "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n2021-05-03,Heat,1995,x,4,,,2021-05-02\n"
)


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def titles(files: dict[str, str | bytes]) -> list[str]:
    return [row.title for row in read_ratings(zipped(files))]


def test_of_letterboxds_zip_the_ratings_are_read() -> None:
    others = {
        "profile.csv": "Username\nada\n",
        "watched.csv": HEAT,
        "diary.csv": DIARY,
        "lists/best.csv": "x",
    }
    assert titles({"deleted/ratings.csv": HEAT, **others, "ratings.csv": ALIEN}) == ["Alien"]


def test_a_folder_around_it_does_not_matter() -> None:
    assert titles({"letterboxd-ada/old/ratings.csv": HEAT, "letterboxd-ada/Ratings.csv": ALIEN}) == ["Alien"]


def test_without_ratings_the_rated_films_of_the_diary_are_read() -> None:
    assert titles({"diary.csv": DIARY}) == ["Heat"]


def understated(content: bytes, size: int) -> bytes:
    """The zip with `size` bytes stated as the unpacked size of its only member, in both of its headers."""
    content = bytearray(content)
    for place in (22, content.index(unpacking.DIRECTORY_ENTRY) + 24):
        content[place : place + 4] = size.to_bytes(4, "little")
    return bytes(content)


BOMB = zipped({"ratings.csv": HEAD + "x" * 50_000_000})
UNUSUAL = zipped({"ratings.csv": ALIEN}, zipfile.ZIP_BZIP2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"watchlist.csv": HEAD}), "no ratings.csv"),
        (zipped({"deleted/ratings.csv": ALIEN}), "no ratings.csv"),
        (zipped({"ratings.csv": ALIEN})[:-30], "damaged"),
        (zipped({"ratings.csv": ALIEN}).replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged"),
        (b"PK\x03\x04", "damaged"),
        (BOMB, "larger than 2 MB"),
        (understated(BOMB, 1000), "damaged"),
        (UNUSUAL, "unusual"),
        (zipped({f"{number}.csv": "" for number in range(2_001)}), "more than 2,000 files"),
        (zipped({"ratings.csv": ALIEN, "film": b"\0" * 10_500_000}, zipfile.ZIP_STORED), "larger than 10 MB"),
    ],
    ids=["none", "deleted", "cut", "directory", "head", "bomb", "lies", "method", "files", "large"],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(RatingsFileRejected, match=reason):
        read_ratings(content)


@pytest.mark.django_db
def test_a_zip_is_imported_like_a_table(member: Client, user: User) -> None:
    MovieFactory(title="Alien", year=1979)
    file = SimpleUploadedFile("letterboxd-ada.zip", zipped({"ratings.csv": ALIEN}))
    assert "1 new rating" in member.post("/accounts/import/", {"file": file}, follow=True).text
    member.post("/accounts/import/confirm/")
    assert user.ratings.get().stars == 4.5


@pytest.mark.django_db
def test_the_zip_that_was_exported_here_can_be_imported(member: Client, user: User) -> None:
    RatingFactory(user=user, movie__title="Matrix, The", stars=4.5)
    content = member.get("/accounts/export/data.zip").content
    Rating.objects.all().delete()
    file = SimpleUploadedFile("data.zip", content)
    member.post("/accounts/import/", {"file": file})
    member.post("/accounts/import/confirm/")
    assert user.ratings.get().stars == 4.5


@pytest.mark.django_db
def test_a_file_beyond_all_limits_is_refused_before_it_is_read(member: Client) -> None:
    file = SimpleUploadedFile("ratings.zip", b"P" * (unpacking.MAX_ZIP_BYTES + 1))
    assert "larger than 10 MB" in member.post("/accounts/import/", {"file": file}).text
