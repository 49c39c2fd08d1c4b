"""Made-up movies: titles, years and genres, and what the made-up users will see in them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.movielens.rows import FLAGGED_GENRES, MovieRow

GENRES = FLAGGED_GENRES[1:]  # the first stands for "unknown"
TASTES = 8  # dimensions of what people like
LAST_YEAR, FIRST_YEAR = 2024, 1920
TYPICAL_AGE = 18  # years; the ages of movies are exponential
ZIPF_OFFSET = 30  # of ranks: the very best known differ little
COLOURS = (
    "Silent",
    "Golden",
    "Broken",
    "Crimson",
    "Hidden",
    "Endless",
    "Frozen",
    "Burning",
    "Distant",
    "Secret",
    "Savage",
    "Gentle",
)
THINGS = (
    "River",
    "House",
    "Garden",
    "Summer",
    "Letter",
    "Stranger",
    "Harbour",
    "Mountain",
    "Mirror",
    "Winter",
    "Road",
    "Promise",
)
PLACES = (
    "Paris",
    "Alaska",
    "Lisbon",
    "Havana",
    "Berlin",
    "Kyoto",
    "Dakota",
    "Vienna",
    "Malta",
    "Bombay",
    "Cairo",
    "Nebraska",
    "Oslo",
)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class MovieWorld:
    """All movies by place; place p has number p + 1."""

    years: NDArray[np.int64]
    genres: list[tuple[int, ...]]
    nature: Floats  # [movies, TASTES]: how much of what people like is in it
    quality: Floats  # stars above the mean
    fame: Floats  # logarithm of the interest in it
    shares: NDArray[np.float64]  # cumulated shares of the interest in all movies

    def row(self, place: int) -> MovieRow:
        names = tuple(GENRES[genre] for genre in self.genres[place])
        return MovieRow(place + 1, _title(place, self.genres[place][0]), int(self.years[place]), names)


def make_movies(count: int, *, genre_nature: Floats, seed: int) -> MovieWorld:
    """`count` movies whose interest falls with their rank by Zipf's law; ranks are in random order."""
    chance = np.random.default_rng([seed, 1])
    popularity = 1 / (chance.permutation(count) + ZIPF_OFFSET)
    usual = 1 / np.arange(2, len(GENRES) + 2)
    numbers = chance.choice([1, 2, 3], size=count, p=[0.4, 0.4, 0.2])
    drawn = chance.choice(len(GENRES), size=(count, 3), p=usual / usual.sum())
    genres = [tuple(dict.fromkeys(row[:n])) for row, n in zip(drawn.tolist(), numbers.tolist(), strict=True)]
    nature = np.stack([genre_nature[list(row)].mean(axis=0) for row in genres])
    nature += 0.5 * chance.normal(size=nature.shape)
    fame = np.log(popularity)
    return MovieWorld(
        years=np.maximum(LAST_YEAR - chance.exponential(TYPICAL_AGE, count), FIRST_YEAR).astype(np.int64),
        genres=genres,
        nature=nature.astype(np.float32),
        quality=(0.1 * (fame - fame.mean()) + 0.3 * chance.normal(size=count)).astype(np.float32),
        fame=fame.astype(np.float32),
        shares=np.cumsum(popularity / popularity.sum()),
    )


def _title(place: int, genre: int) -> str:
    """One of many; after all of them are used, with the number of the sequel."""
    rest, colour = divmod(place, len(COLOURS))
    rest, thing = divmod(rest, len(THINGS))
    part, town = divmod(rest, len(PLACES))
    sequel = f" {part + 1}" if part else ""
    return f"The {COLOURS[colour]} {GENRES[genre]} {THINGS[thing]} of {PLACES[town]}{sequel}"
