"""What the two towers are told about users, movies and ratings: plain records and arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Column = NDArray[np.integer[Any]]  # one number for each rating, in as few bits as hold them
Rows = Column  # of tables
Floats = NDArray[np.float32]
MOST_OF_32_BITS = np.iinfo(np.int32).max
BLOCK_ROWS = 100_000  # of a column that are worked on at a time


@dataclass(frozen=True, slots=True)
class MovieInput:
    """One movie; `genres` are names."""

    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]


def blocks(count: int, size: int = BLOCK_ROWS) -> Iterator[slice]:
    """`count` entries in slices of `size`."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def narrow(column: NDArray[Any]) -> NDArray[Any]:
    """The same numbers; in 32 bits if they are integers which, and so their differences, fit there."""
    if column.dtype != np.int64 or (len(column) and (column.min() < 0 or column.max() > MOST_OF_32_BITS)):
        return column
    return column.astype(np.int32)


def occurrences(rows: Rows, size: int) -> Ids:
    """[size] how often each row is among `rows`: np.bincount without a copy of them in 64 bits."""
    counts = np.zeros(size, np.int64)
    for block in blocks(len(rows)):
        counts += np.bincount(rows[block], minlength=size)
    return counts


def places_in(rising: Column, values: Column) -> Ids:
    """As np.searchsorted, which would copy a column of 32 bits to search it for numbers of 64."""
    return np.searchsorted(rising, values.astype(rising.dtype))


def no_ids() -> Ids:
    return np.zeros(0, np.int64)


def no_stars() -> Floats:
    return np.zeros(0, np.float32)


@dataclass(frozen=True)
class UserInput:
    """One user and their ratings, oldest first. Whatever is not known is None, empty or absent."""

    user_id: int | None = None
    gender: str = ""  # "", "F", "M" or "X"
    age_group: int | None = None
    occupation: int | None = None
    zip_code: str = ""
    movie_ids: Ids = field(default_factory=no_ids)
    stars: Floats = field(default_factory=no_stars)  # 0.5 to 5
    timestamps: Ids = field(default_factory=no_ids)  # unix seconds
    unfinished: Ids = field(default_factory=no_ids)  # those of `movie_ids` that were begun and not rated
    weights: Floats = field(default_factory=no_stars)  # how much each counts, from 0 to 1; empty: fully

    @property
    def counts(self) -> Floats:
        """[ratings] how much each of them counts."""
        return self.weights if len(self.weights) else np.ones(len(self.movie_ids), np.float32)

    def keep(self, mask: NDArray[np.bool_]) -> "UserInput":
        """The same user with only the ratings where `mask` holds."""
        weights = self.weights[mask] if len(self.weights) else self.weights
        columns = {name: getattr(self, name)[mask] for name in ("movie_ids", "stars", "timestamps")}
        unfinished = self.unfinished[np.isin(self.unfinished, columns["movie_ids"])]
        return replace(self, weights=weights, unfinished=unfinished, **columns)

    def layers(self) -> list[tuple[float, "UserInput"]]:
        """Histories of ratings that all count fully, and shares of 1, that make up this weighted one.

        A rating of weight w is in histories whose shares add up to w. What is computed of a history is, of a
        weighted one, the sum of that of its layers by their shares.
        """
        counts = self.counts
        if (counts == 1).all():
            return [(1.0, self)]
        levels = np.unique(np.append(counts, np.float32(1)))
        levels = levels[levels > 0]
        shares = np.diff(levels, prepend=np.float32(0))
        plain = replace(self, weights=no_stars())
        layers = zip(shares.tolist(), levels, strict=True)
        return [(share, plain.keep(counts >= level)) for share, level in layers]

    @property
    def has_demographics(self) -> bool:
        return bool(self.gender or self.zip_code or self.age_group is not None or self.occupation is not None)


@dataclass
class UserTable:
    """Demographics of many users, a column each; the order of the rows does not matter."""

    user_ids: Ids
    genders: Sequence[str]
    age_groups: Sequence[int | None]
    occupations: Sequence[int | None]
    zip_codes: Sequence[str]

    @classmethod
    def of(cls, user_ids: Ids) -> "UserTable":
        """Users of whom nothing but the ID is known."""
        n = len(user_ids)
        return cls(user_ids, [""] * n, [None] * n, [None] * n, [""] * n)

    def inputs(self, row: int) -> dict[str, object]:
        """Keyword arguments of `UserInput` for one row, the history left out."""
        return {
            "user_id": int(self.user_ids[row]),
            "gender": self.genders[row],
            "age_group": self.age_groups[row],
            "occupation": self.occupations[row],
            "zip_code": self.zip_codes[row],
        }


@dataclass
class TrainingData:
    """Everything that a training reads. Ratings are sorted by user, then time, then stored order.

    A rating takes 16 bytes as long as IDs and times (unix seconds) fit in 32 bits.
    """

    users: UserTable
    movies: Sequence[MovieInput]
    user_ids: Column
    movie_ids: Column
    stars: Floats
    timestamps: Column

    def __post_init__(self) -> None:
        self.user_ids, self.movie_ids = narrow(self.user_ids), narrow(self.movie_ids)
        self.timestamps = narrow(self.timestamps)

    def __len__(self) -> int:
        return len(self.user_ids)

    def keep(self, mask: NDArray[np.bool_]) -> "TrainingData":
        """The same users and movies with only the ratings where `mask` holds."""
        return TrainingData(
            self.users,
            self.movies,
            self.user_ids[mask],
            self.movie_ids[mask],
            self.stars[mask],
            self.timestamps[mask],
        )

    def bounds(self) -> tuple[Ids, Ids, Ids]:
        """User IDs with ratings, and for each where its ratings start and stop."""
        if not len(self):
            return no_ids(), no_ids(), no_ids()
        edges = np.flatnonzero(self.user_ids[1:] != self.user_ids[:-1]) + 1
        starts, stops = np.append(0, edges), np.append(edges, len(self))
        return self.user_ids[starts].astype(np.int64), starts, stops

    def user_inputs(self, user_ids: Ids) -> list[UserInput]:
        """The users with their whole history, in the order asked for."""
        return list(self.each_user(user_ids))

    def each_user(self, user_ids: Ids) -> Iterator[UserInput]:
        """As `user_inputs`, one at a time."""
        row_of = {int(user_id): row for row, user_id in enumerate(self.users.user_ids)}
        raters, starts, _ = self.bounds()
        edges = np.append(starts, len(self))
        starts = edges[np.searchsorted(raters, user_ids, "left")]
        stops = edges[np.searchsorted(raters, user_ids, "right")]
        for user_id, start, stop in zip(user_ids, starts, stops, strict=True):
            yield UserInput(
                **self.users.inputs(row_of[int(user_id)]),  # type: ignore[arg-type]
                movie_ids=self.movie_ids[start:stop].astype(np.int64),
                stars=self.stars[start:stop],
                timestamps=self.timestamps[start:stop].astype(np.int64),
            )


def sorted_training_data(
    users: UserTable,
    movies: Sequence[MovieInput],
    user_ids: Column,
    movie_ids: Column,
    stars: Floats,
    timestamps: Column,
) -> TrainingData:
    """Ratings in any order to `TrainingData`; ties in time keep the order in which they came."""
    order = np.lexsort((np.arange(len(user_ids)), timestamps, user_ids))
    return TrainingData(users, movies, user_ids[order], movie_ids[order], stars[order], timestamps[order])
