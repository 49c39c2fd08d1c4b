"""A made-up data set: its size and its rows, one after the other: memory does not grow with the ratings."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from catalog.movielens.rows import MovieRow, UserRow
from catalog.synthetic.movies import GENRES, TASTES, Floats, MovieWorld, make_movies
from catalog.synthetic.people import (
    FEWEST,
    LARGEST_SHARE,
    UserRatings,
    make_person,
    people,
    ratings_of,
    ratings_per_user,
)

FEWEST_MOVIES = 20


class SizeImpossible(ValueError):
    """So many ratings cannot come from so many users and movies; the message names the bounds."""


@dataclass(frozen=True)
class SyntheticData:
    """The same numbers and seed give the same data set. Raises SizeImpossible."""

    users: int
    movies: int
    ratings: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.users < 1 or self.movies < FEWEST_MOVIES or self.seed < 0:
            raise SizeImpossible(f"at least 1 user and {FEWEST_MOVIES} movies are needed, and a seed from 0")
        low, high = self.users * FEWEST, self.users * (self.movies // LARGEST_SHARE)
        if not low <= self.ratings <= high:
            raise SizeImpossible(
                f"{self.users:,} users and {self.movies:,} movies make from {low:,} to {high:,} ratings, "
                f"not {self.ratings:,}: each user rates {FEWEST} movies or more, a third of them at most"
            )

    @cached_property
    def _genre_nature(self) -> Floats:
        return np.random.default_rng([self.seed, 0]).normal(size=(len(GENRES), TASTES)).astype(np.float32)

    @cached_property
    def _world(self) -> MovieWorld:
        return make_movies(self.movies, genre_nature=self._genre_nature, seed=self.seed)

    def movie_rows(self) -> Iterator[MovieRow]:
        return (self._world.row(place) for place in range(self.movies))

    def user_rows(self) -> Iterator[UserRow]:
        return people(self.users, seed=self.seed)

    def ratings_by_user(self) -> Iterator[tuple[int, UserRatings]]:
        """The number of each user, from 1, with their ratings."""
        counts = ratings_per_user(self.users, self.movies, self.ratings, seed=self.seed).tolist()
        for number, count in enumerate(counts, start=1):
            person = make_person(number, seed=self.seed)
            yield number, ratings_of(person, count, self._world, self._genre_nature, self.seed)
