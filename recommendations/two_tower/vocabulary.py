"""Which embedding row stands for which ID, word or group. Fixed when a training starts, saved with it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from .config import TwoTowerConfig
from .data import Column, Ids, MovieInput, TrainingData

UNKNOWN = 0  # the row of whatever is missing or was not there at training time
STOP_WORDS = frozenset(
    (
        *("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"),
        *("das", "de", "der", "des", "die", "du", "il", "la", "le", "les", "und"),
    )
)
MIN_MOVIES_PER_WORD = 3


def title_words(title: str) -> list[str]:
    """Words of a title in lower case, without years, digits and stop words."""
    return [word for word in re.findall(r"[^\W\d_]{2,}", title.lower()) if word not in STOP_WORDS]


def region(zip_code: str) -> str:
    """First digit of a US ZIP code (ten regions), "abroad" for other postal codes, "" for none."""
    code = zip_code.strip()
    if not code:
        return ""
    return code[0] if re.fullmatch(r"\d{5}(-?\d{4})?", code) else "abroad"


@dataclass(frozen=True)
class Vocabulary:
    """Row 0 of every table is UNKNOWN; the first entry of each list has row 1."""

    movie_ids: Ids  # rising; may be memory-mapped
    user_ids: list[int] = field(default_factory=list)
    genders: list[str] = field(default_factory=list)
    age_groups: list[int] = field(default_factory=list)
    occupations: list[int] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, data: TrainingData, config: TwoTowerConfig) -> Self:
        """The vocabulary of the rated movies and the users of a training."""
        rated = np.unique(data.movie_ids)
        raters = np.unique(data.user_ids)
        users = data.users
        return cls(
            movie_ids=rated.astype(np.int64),
            user_ids=[int(i) for i in raters] if len(raters) <= config.user_id_limit else [],
            genders=_distinct(users.genders),
            age_groups=_distinct(users.age_groups),
            occupations=_distinct(users.occupations),
            regions=_distinct(region(code) for code in users.zip_codes),
            genres=_distinct(genre for movie in data.movies for genre in movie.genres),
            words=_frequent_words(data.movies, config.title_words),
        )

    @cached_property
    def _user_rows(self) -> dict[int, int]:
        return _rows(self.user_ids)

    @cached_property
    def _demographic_rows(self) -> list[dict[Any, int]]:
        return [_rows(t) for t in (self.genders, self.age_groups, self.occupations, self.regions)]

    @cached_property
    def genre_rows(self) -> dict[str, int]:
        return _rows(self.genres)

    @cached_property
    def word_rows(self) -> dict[str, int]:
        return _rows(self.words)

    def movie_rows(self, movie_ids: Column | Sequence[int]) -> Ids:
        if not len(self.movie_ids):
            return np.full(len(movie_ids), UNKNOWN, np.int64)
        asked = np.asarray(movie_ids, np.int64)
        places = np.minimum(np.searchsorted(self.movie_ids, asked), len(self.movie_ids) - 1)
        return np.where(self.movie_ids[places] == asked, places + 1, UNKNOWN)

    def years(self, movies: Sequence[MovieInput]) -> list[int | None]:
        """Release years by movie row; None where not known, as for row 0."""
        by_id = {movie.movie_id: movie.year for movie in movies}
        return [None, *(by_id.get(movie_id) for movie_id in self.movie_ids.tolist())]

    def user_row(self, user_id: int | None) -> int:
        return UNKNOWN if user_id is None else self._user_rows.get(user_id, UNKNOWN)

    def demographic_rows(
        self, gender: str, age_group: int | None, occupation: int | None, zip_code: str
    ) -> list[int]:
        """Rows of gender, age group, occupation and region."""
        values = (gender, age_group, occupation, region(zip_code))
        return [rows.get(v, UNKNOWN) for rows, v in zip(self._demographic_rows, values, strict=True)]

    @property
    def demographic_sizes(self) -> list[int]:
        """Rows of the four demographic tables, UNKNOWN included."""
        return [len(t) + 1 for t in (self.genders, self.age_groups, self.occupations, self.regions)]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**values)


def _rows(values: Sequence[Any]) -> dict[Any, int]:
    return {value: row for row, value in enumerate(values, start=1)}


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Sorted distinct values without the missing ones (None and "")."""
    return sorted({value for value in values if value is not None and value != ""})


def _frequent_words(movies: Sequence[MovieInput], limit: int) -> list[str]:
    counts = Counter(word for movie in movies for word in set(title_words(movie.title)))
    common = [word for word, n in counts.items() if n >= MIN_MOVIES_PER_WORD]
    return sorted(sorted(common, key=lambda word: (-counts[word], word))[:limit])
