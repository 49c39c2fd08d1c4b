"""The MovieLens formats: what the first line of each file looks like, how its lines divide into fields."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.movielens import rows
from catalog.movielens.errors import RowRejected

Parse = Callable[[list[str]], Any]


class Role(StrEnum):
    MOVIES = "movies"
    USERS = "users"
    LINKS = "links"
    RATINGS = "ratings"


class Format(StrEnum):
    ML_100K = "MovieLens 100K"
    DAT = "MovieLens 1M or 10M"
    CSV = "MovieLens CSV"
    ATOMIC = "RecBole atomic files"


def split_bars(line: str) -> list[str]:
    return line.split("|")


def split_tabs(line: str) -> list[str]:
    return line.split("\t")


def split_colons(line: str) -> list[str]:
    return line.split("::")


def split_movie_colons(line: str) -> list[str]:
    """Number, title and genres; the title may hold colons of its own."""
    first, *middle = line.split("::")
    return [first, "::".join(middle[:-1]), middle[-1]] if len(middle) > 1 else [first, *middle]


def split_csv(line: str) -> list[str]:
    """Fields between commas, with quotes as in RFC 4180; a field never spans lines in MovieLens."""
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise RowRejected(f"quotes do not match ({error})") from error


@dataclass(frozen=True)
class FileKind:
    """One file of one format. `columns` are its fields in the order in which `parse` takes them."""

    format: Format
    role: Role
    name: str  # as MovieLens calls it; a pattern
    first_line: str  # a regular expression
    split: Callable[[str], list[str]]
    columns: tuple[str, ...]  # names in the header, "a|b" for either; without header all fields of the line
    parse: Parse = tuple  # of ratings: they are many, and read where they are used
    has_header: bool = False
    needed: int = 0  # how many columns of the header must be there; the others are empty if they are not
    latin_1: bool = False


def csv_kind(role: Role, columns: tuple[str, ...], parse: Parse = tuple) -> FileKind:
    header = header_with(columns)
    return FileKind(
        Format.CSV,
        role,
        f"{role}.csv",
        header,
        split_csv,
        columns,
        parse,
        has_header=True,
        needed=len(columns),
    )


def atomic_kind(
    role: Role,
    name: str,
    columns: tuple[str, ...],
    parse: Parse = tuple,
    needed: int | None = None,
) -> FileKind:
    needed = len(columns) if needed is None else needed
    header = header_with(f"{column}:[a-z_]+" for column in columns[:needed])
    if role == Role.USERS:
        header = f"(?!.*item_id){header}"
    return FileKind(
        Format.ATOMIC, role, name, header, split_tabs, columns, parse, has_header=True, needed=needed
    )


def header_with(columns: Iterable[str]) -> str:
    """Matches a first line with all these columns, in any order."""
    return "".join(rf"(?=(?:.*[,\t])?{column}(?:[,\t]|$))" for column in columns)


RATING = ("user ID", "movie ID", "rating", "timestamp")
FLAGS = ("movie ID", "title", "release date", "video release date", "URL", *rows.FLAGGED_GENRES)

KINDS = (
    FileKind(Format.ML_100K, Role.RATINGS, "u.data", r"\d+\t\d+\t[\d.]+\t\d+$", split_tabs, RATING),
    FileKind(
        Format.ML_100K,
        Role.MOVIES,
        "u.item",
        r"\d+\|.*(?:\|[01]){19}$",
        split_bars,
        FLAGS,
        rows.parse_flagged_movie,
        latin_1=True,
    ),
    FileKind(
        Format.ML_100K,
        Role.USERS,
        "u.user",
        r"\d+\|\d+\|[A-Z]?\|\w+\|[^|]*$",
        split_bars,
        ("user ID", "age", "gender", "occupation", "ZIP code"),
        rows.parse_100k_user,
        latin_1=True,
    ),
    FileKind(Format.DAT, Role.RATINGS, "ratings.dat", r"\d+::\d+::[\d.]+::\d+$", split_colons, RATING),
    FileKind(
        Format.DAT,
        Role.USERS,
        "users.dat",
        r"\d+::[A-Z]?::\d*::\d*::[^:]*$",
        split_colons,
        ("user ID", "gender", "age", "occupation", "ZIP code"),
        rows.parse_user,
        latin_1=True,
    ),
    FileKind(
        Format.DAT,
        Role.MOVIES,
        "movies.dat",
        r"\d+::.*::(?!\d+$)[^:]*$",
        split_movie_colons,
        ("movie ID", "title", "genres"),
        rows.parse_movie,
        latin_1=True,
    ),
    csv_kind(Role.RATINGS, ("userId", "movieId", "rating", "timestamp")),
    csv_kind(Role.MOVIES, ("movieId", "title", "genres"), rows.parse_movie),
    csv_kind(Role.LINKS, ("movieId", "imdbId", "tmdbId"), rows.parse_link),
    atomic_kind(Role.RATINGS, "*.inter", ("user_id", "item_id", "rating", "timestamp")),
    atomic_kind(
        Role.MOVIES,
        "*.item",
        ("item_id", "movie_title", "release_year", "class|genre|genres"),
        rows.parse_atomic_movie,
        needed=2,
    ),
    atomic_kind(
        Role.USERS,
        "*.user",
        ("user_id", "gender", "age", "occupation", "zip_code"),
        rows.parse_user,
        needed=1,
    ),
)
