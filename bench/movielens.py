"""Reads MovieLens folders straight into training data, without Django: for benchmarks alone."""

import csv
import re
from pathlib import Path

import numpy as np

from recommendations.two_tower.data import Ids, MovieInput, TrainingData, UserTable, sorted_training_data

Rows = list[tuple[int, int, float, int]]


def read_movielens(folder: Path) -> tuple[TrainingData, Ids]:
    """The data set, and each rating's place in its file (which breaks ties in time)."""
    if (folder / "ratings.dat").exists():
        rows, movies, users = _ratings_dat(folder), _movies_dat(folder), _users_dat(folder)
    elif (folder / "ratings.csv").exists():
        rows, movies, users = _ratings_csv(folder), _movies_csv(folder), None
    else:
        rows, movies, users = _u_data(folder), _u_item(folder), _u_user(folder)
    columns = list(zip(*rows, strict=True))
    user_ids, movie_ids = np.array(columns[0], np.int64), np.array(columns[1], np.int64)
    stars, times = np.array(columns[2], np.float32), np.array(columns[3], np.int64)
    table = users or UserTable.of(np.unique(user_ids))
    order = np.lexsort((np.arange(len(rows)), times, user_ids))
    return sorted_training_data(table, movies, user_ids, movie_ids, stars, times), order


def _lines(path: Path, separator: str, encoding: str) -> list[list[str]]:
    return [line.split(separator) for line in path.read_text(encoding=encoding).splitlines() if line]


def _ratings_dat(folder: Path) -> Rows:
    return [_rating(row) for row in _lines(folder / "ratings.dat", "::", "latin-1")]


def _u_data(folder: Path) -> Rows:
    return [_rating(row) for row in _lines(folder / "u.data", "\t", "latin-1")]


def _ratings_csv(folder: Path) -> Rows:
    with (folder / "ratings.csv").open(newline="") as handle:
        return [_rating(row) for row in list(csv.reader(handle))[1:]]


def _rating(row: list[str]) -> tuple[int, int, float, int]:
    return int(row[0]), int(row[1]), float(row[2]), int(row[3])


def _movie(movie_id: str, title: str, genres: tuple[str, ...]) -> MovieInput:
    match = re.search(r"\((\d{4})\)\s*$", title)
    year = int(match[1]) if match else None
    return MovieInput(int(movie_id), re.sub(r"\s*\(\d{4}\)\s*$", "", title), year, genres)


def _movies_dat(folder: Path) -> list[MovieInput]:
    rows = _lines(folder / "movies.dat", "::", "latin-1")
    return [_movie(i, title, tuple(genres.split("|"))) for i, title, genres in rows]


def _movies_csv(folder: Path) -> list[MovieInput]:
    with (folder / "movies.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.reader(handle))[1:]
    return [_movie(i, title, tuple(g for g in genres.split("|") if g[0] != "(")) for i, title, genres in rows]


def _u_item(folder: Path) -> list[MovieInput]:
    names = [row[0] for row in _lines(folder / "u.genre", "|", "latin-1")]
    rows = _lines(folder / "u.item", "|", "latin-1")
    return [
        _movie(row[0], row[1], tuple(n for n, flag in zip(names, row[5:], strict=True) if flag == "1"))
        for row in rows
    ]


def _users_dat(folder: Path) -> UserTable:
    rows = _lines(folder / "users.dat", "::", "latin-1")
    ids, genders, ages, occupations, zips = zip(*rows, strict=True)
    return UserTable(
        np.array(ids, np.int64), genders, [int(a) for a in ages], [int(o) for o in occupations], zips
    )


def _u_user(folder: Path) -> UserTable:
    rows = _lines(folder / "u.user", "|", "latin-1")
    ids, ages, genders, occupations, zips = zip(*rows, strict=True)
    numbers = {name: i for i, name in enumerate(sorted(set(occupations)))}
    groups = (1, 18, 25, 35, 45, 50, 56)
    return UserTable(
        np.array(ids, np.int64),
        genders,
        [max(group for group in groups if group <= int(age)) for age in ages],
        [numbers[name] for name in occupations],
        zips,
    )
