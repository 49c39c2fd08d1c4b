"""How popular each movie was at a moment: the part of a movie vector that is computed, not learned.

What people watch in the coming weeks depends on what is new and talked about. These few numbers are
dimensions of the movie vector, and the weeks horizon of the user tower learns how much they matter to whom.
In training they are those of the drawn moment "now"; the index holds those of the end of the training data.
They are small beside the learned dimensions and the user's side is large in turn: so the product is what was
learned, while two movies are compared by what they are and not by how popular they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .data import Column, Floats, Ids, MovieInput, Rows

HALF_LIVES = (3.0, 10.0, 40.0, 100_000.0)  # days; the last counts all ratings
LIKED_HALF_LIFE = 10.0
TREND_DIMENSIONS = len(HALF_LIVES) + 4
RELEASE = TREND_DIMENSIONS - 1  # the column that depends on the release year alone
TREND_SCALE = np.float32(0.2)  # of trends in movie vectors: they count little between two movies (adr/0056)
MOST_MOMENTS, FEWEST_MOMENTS = 64, 8  # at which training knows the trends, ...
MOST_ROWS = 6_400_000  # ... fewer in large catalogues: of movies at all moments (205 MB)
PRIOR_RATINGS = 10.0  # of average stars that every movie starts with
DAY = 86_400.0
YEAR = 365.2425 * DAY


@dataclass(frozen=True)
class Trends:
    moments: Ids  # [g] unix seconds, rising
    table: Floats  # [g, movie rows, TREND_DIMENSIONS] as of each moment; row 0: a movie nobody rated

    @classmethod
    def of(
        cls,
        timestamps: Column,
        movie_rows: Rows,
        stars: Floats,
        liked_stars: float,
        years: Sequence[int | None],
    ) -> "Trends":
        """Trends at moments spread evenly over the ratings, and at the last one. `years[row]` of release."""
        clock = np.sort(timestamps)
        count = min(max(MOST_ROWS // len(years), FEWEST_MOMENTS), MOST_MOMENTS)
        places = np.unique(np.linspace(0, len(clock) - 1, count + 1).astype(np.int64)[1:])
        moments = np.unique(clock[places])
        counter = _Counter(len(years))
        table = np.empty((len(moments), len(years), TREND_DIMENSIONS), np.float32)
        before = timestamps.min() - 1
        for g, moment in enumerate(moments):
            new = np.flatnonzero((timestamps > before) & (timestamps <= moment))
            new = new[np.argsort(timestamps[new], kind="stable")]
            counter.advance(int(moment), timestamps[new], movie_rows[new], stars[new], liked_stars)
            table[g] = counter.features(years)
            before = moment
        return cls(moments.astype(np.int64), table)

    def places(self, now: Column) -> Ids:
        """For each time the latest moment that is not after it (the first, if none)."""
        return np.maximum(np.searchsorted(self.moments, now, "right") - 1, 0)


def trend_scales(learned_dimension: int) -> Floats:
    """Factors of a user vector that make up for the scale of the trends in movie vectors."""
    return np.append(np.ones(learned_dimension), np.full(TREND_DIMENSIONS, 1 / TREND_SCALE)).astype(
        np.float32
    )


def release_trend(years: Sequence[int | None], moment: int) -> Floats:
    """1 for movies of the moment's year or later, halved for each two years before; 0 where not known."""
    present = 1970 + moment / YEAR
    ages = np.array([np.inf if year is None else max(0.0, present - year - 1) for year in years])
    return (0.5 ** (ages / 2)).astype(np.float32)


def trends_of_new_movies(movies: Sequence[MovieInput], unrated: Floats, moment: int) -> Floats:
    """Trends of movies without ratings: those of row 0 but for the release year."""
    trends = np.tile(unrated, (len(movies), 1))
    trends[:, RELEASE] = release_trend([movie.year for movie in movies], moment) * TREND_SCALE
    return trends


class _Counter:
    """Decayed counts of ratings, brought forward from moment to moment."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.moment: int | None = None
        self.half_lives = np.array([*HALF_LIVES, LIKED_HALF_LIFE]) * DAY
        self.counts = np.zeros((len(self.half_lives), rows))
        self.star_sums, self.ratings = np.zeros(rows), np.zeros(rows)
        self.first = np.full(rows, np.inf)

    def advance(
        self, moment: int, timestamps: Column, movie_rows: Rows, stars: Floats, liked_stars: float
    ) -> None:
        if self.moment is not None:
            self.counts *= 0.5 ** ((moment - self.moment) / self.half_lives)[:, None]
        for i, half_life in enumerate(self.half_lives):
            weights: NDArray[np.float64] = 0.5 ** ((moment - timestamps) / half_life)
            if i == len(HALF_LIVES):
                weights = weights * (stars >= liked_stars)
            self.counts[i] += np.bincount(movie_rows, weights, self.rows)
        self.star_sums += np.bincount(movie_rows, stars, self.rows)
        self.ratings += np.bincount(movie_rows, minlength=self.rows)
        np.minimum.at(self.first, movie_rows, timestamps)
        self.moment = moment

    def features(self, years: Sequence[int | None]) -> Floats:
        """[rows, TREND_DIMENSIONS], each column about as large as TREND_SCALE."""
        moment = self.moment or 0
        shares = self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1e-9) * self.rows
        mean = self.star_sums.sum() / max(1.0, self.ratings.sum())
        lead = (self.star_sums - mean * self.ratings) / (self.ratings + PRIOR_RATINGS)
        days = np.where(np.isfinite(self.first), (moment - self.first) / DAY, 0.0)
        columns = [*(np.log(shares + 0.1) / 2), lead, np.log1p(days) / 5, release_trend(years, moment)]
        return np.stack(columns, axis=1).astype(np.float32) * TREND_SCALE
