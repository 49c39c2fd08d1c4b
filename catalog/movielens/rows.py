"""Rows of movies, users and links: the fields of one line in, a checked row out."""

from typing import NamedTuple

from catalog.movielens import fields
from catalog.movielens.errors import RowRejected

# In the order of the flags in u.item of MovieLens 100K; the first flag stands for "unknown".
FLAGGED_GENRES = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)


class MovieRow(NamedTuple):
    movielens_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]


class UserRow(NamedTuple):
    movielens_id: int
    gender: str
    age_group: int | None
    occupation: int | None
    zip_code: str


class LinkRow(NamedTuple):
    movielens_id: int
    imdb_id: str
    tmdb_id: int | None


def parse_movie(line: list[str]) -> MovieRow:
    """Of number, title with year, genres between bars."""
    number, title, genres = line
    return MovieRow(
        fields.parse_id(number, "movie ID"),
        *fields.parse_title(title),
        fields.parse_genres(genres.split("|")),
    )


def parse_flagged_movie(line: list[str]) -> MovieRow:
    """Of number, title with year, date of release, two fields that are not used, 19 flags."""
    number, full_title, released, _video, _url, *flags = line
    title, year = fields.parse_title(full_title)
    if unknown := {*flags} - {"0", "1"}:
        raise RowRejected(f"genre flag {fields.shown(min(unknown))} is neither 0 nor 1")
    genres = [name for name, flag in zip(FLAGGED_GENRES, flags, strict=True) if flag == "1"]
    return MovieRow(
        fields.parse_id(number, "movie ID"),
        title,
        year or fields.parse_year(released),
        fields.parse_genres(genres),
    )


def parse_atomic_movie(line: list[str]) -> MovieRow:
    """Of number, title, year, genres between blanks."""
    number, full_title, released, genres = line
    title, year = fields.parse_title(full_title)
    names = [] if genres.strip() in fields.NO_GENRE else genres.split(" ")
    return MovieRow(
        fields.parse_id(number, "movie ID"),
        title,
        fields.parse_year(released) or year,
        fields.parse_genres(names),
    )


def parse_user(line: list[str]) -> UserRow:
    """Of number, gender, age, occupation, ZIP code."""
    number, gender, age, occupation, zip_code = line
    return UserRow(
        fields.parse_id(number, "user ID"),
        fields.parse_gender(gender),
        fields.parse_age(age),
        fields.parse_occupation(occupation),
        fields.parse_zip_code(zip_code),
    )


def parse_100k_user(line: list[str]) -> UserRow:
    """Of number, age, gender, occupation, ZIP code."""
    number, age, gender, occupation, zip_code = line
    return parse_user([number, gender, age, occupation, zip_code])


def parse_link(line: list[str]) -> LinkRow:
    """Of number, IMDb's number, TMDB's number; the last two may be empty."""
    number, imdb_id, tmdb_id = line
    return LinkRow(
        fields.parse_id(number, "movie ID"), fields.parse_imdb_id(imdb_id), fields.parse_tmdb_id(tmdb_id)
    )
