"""Inputs to arrays: the one code path that training and serving share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .data import Column, Floats, Ids, MovieInput, Rows, UserInput
from .vocabulary import Vocabulary, title_words

STAR_ROWS = 11  # 0: unknown; 1 to 10: half a star to five
GAP_ROWS = 26  # 0: not given; 1: none; then one for each doubling of the seconds; the last: over 97 days
FIRST_BIN, BIN_YEARS, YEAR_BINS = 1920, 5, 22  # hat functions at 1920, 1925, ... 2025


class HistoryBatch(NamedTuple):
    """Histories of one padded length; token 0 is the start, token i the i-th rating read."""

    users: Ids  # [batch, 5]: rows of ID, gender, age group, occupation, region
    movies: Ids  # [batch, length - 1] rows
    stars: Ids  # [batch, length - 1] rows
    gaps: Ids  # [batch, length - 1] rows


def star_rows(stars: Floats) -> Ids:
    """Half stars 0.5 to 5 to rows 1 to 10."""
    return np.clip(np.rint(stars * 2), 1, STAR_ROWS - 1).astype(np.int64)


def stars_of_rows(rows: Rows) -> Floats:
    """What `star_rows` makes rows of."""
    return rows * np.float32(0.5)


def gap_rows(seconds: Column) -> Ids:
    """Row for a time between two ratings; negative ones count as none."""
    seconds = np.maximum(np.asarray(seconds, np.int64), 0)
    doublings = np.floor(np.log2(np.maximum(seconds, 1))).astype(np.int64)
    return np.where(seconds == 0, 1, np.minimum(doublings + 2, GAP_ROWS - 1))


def history_gap_rows(timestamps: Column) -> Ids:
    """For each rating the row of the time since the rating before it; the first has none given."""
    if not len(timestamps):
        return np.zeros(0, np.int64)
    return np.concatenate([[0], gap_rows(np.diff(timestamps))])


def now_gap_row(timestamps: Ids, now: int | None) -> int:
    """Row of the time between the last rating and now; 0 where either is not known."""
    if now is None or not len(timestamps):
        return 0
    return int(gap_rows(np.array([now - timestamps[-1]]))[0])


def user_rows(user: UserInput, vocabulary: Vocabulary) -> Ids:
    """Rows of user ID, gender, age group, occupation and region: int64[5]."""
    demographics = vocabulary.demographic_rows(user.gender, user.age_group, user.occupation, user.zip_code)
    return np.array([vocabulary.user_row(user.user_id), *demographics], np.int64)


def content_width(vocabulary: Vocabulary) -> int:
    return 1 + len(vocabulary.genres) + YEAR_BINS + len(vocabulary.words)


def movie_content(movies: Sequence[MovieInput], vocabulary: Vocabulary) -> Floats:
    """float32[n, content_width]: a constant, then genres, year and title words, each part of length one."""
    content = np.zeros((len(movies), content_width(vocabulary)), np.float32)
    content[:, 0] = 1
    genres, years, words = np.split(content[:, 1:], np.cumsum([len(vocabulary.genres), YEAR_BINS]), axis=1)
    for i, movie in enumerate(movies):
        _mark(genres[i], vocabulary.genre_rows, movie.genres)
        _mark(words[i], vocabulary.word_rows, title_words(movie.title))
        if movie.year is not None:
            years[i] = _year_bins(movie.year)
    return content


def _year_bins(year: int) -> Floats:
    """A year as its share in the two nearest bins, so that close years look alike."""
    place = min(max((year - FIRST_BIN) / BIN_YEARS, 0.0), YEAR_BINS - 1.0)
    return np.maximum(0, 1 - np.abs(np.arange(YEAR_BINS) - place)).astype(np.float32)


def _mark(places: Floats, rows: Mapping[str, int], names: Iterable[str]) -> None:
    """Writes a vector of length one with equal entries for those of `names` that have a row, from 1."""
    known = {rows[name] - 1 for name in names if name in rows}
    if known:
        places[list(known)] = 1 / np.sqrt(np.float32(len(known)))


def history_batch(user: UserInput, vocabulary: Vocabulary, longest: int) -> HistoryBatch:
    """One history, of which the latest `longest` ratings are read."""
    latest = slice(max(0, len(user.movie_ids) - longest), None)
    return HistoryBatch(
        user_rows(user, vocabulary)[None],
        vocabulary.movie_rows(user.movie_ids[latest])[None],
        star_rows(user.stars[latest])[None],
        history_gap_rows(user.timestamps)[latest][None],
    )
