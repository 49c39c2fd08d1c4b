"""Predicted stars: factors and a bias for each movie, and a person's side solved from their ratings.

Matrix factorisation by alternating least squares (Koren, Bell and Volinsky 2009). A person's factors are the
ridge regression of their stars on the factors of the movies they rated, so a rating counts at once and a
newcomer is nothing special. Measured, that is more exact than reading stars off the user tower's state.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .config import TwoTowerConfig
from .data import Floats, Ids

RIDGE_GROWTH = 0.2  # the ridge grows with this power of the number of ratings
VECTOR_RIDGE = 10.0  # of the regression from movie vectors, for movies that nobody rated
LOWEST, HIGHEST = 0.5, 5.0


class StarFactors(NamedTuple):
    """Of movie rows; row 0, the unknown movie, is all zero."""

    factors: Floats  # [rows, star_dimension]
    bias: Floats  # [rows] stars above the mean
    from_vector: Floats  # [d + 1, star_dimension + 1]: movie vector and 1 to factors and bias

    def of(self, rows: Ids, vectors: Floats) -> tuple[Floats, Floats]:
        """Factors and biases of movies; of unknown ones, in row 0, from their learned vectors."""
        factors, bias = self.factors[rows], self.bias[rows]
        unknown = rows == 0
        if unknown.any():
            guessed = vectors[unknown] @ self.from_vector[:-1] + self.from_vector[-1]
            factors[unknown], bias[unknown] = guessed[:, :-1], guessed[:, -1]
        return factors, bias


@dataclass(frozen=True)
class _Ratings:
    """One side's ratings, grouped: entity e has those in order[starts[e]:starts[e + 1]]."""

    order: Ids
    starts: Ids

    @classmethod
    def grouped(cls, keys: Ids, count: int) -> "_Ratings":
        order = np.argsort(keys, kind="stable")
        return cls(order, np.searchsorted(keys[order], np.arange(count + 1)))


def fit_stars(
    user_rows: Ids, movie_rows: Ids, stars: Floats, vectors: Floats, config: TwoTowerConfig, seed: int
) -> StarFactors:
    """Factors from ratings. `vectors` [movie rows, d] are the learned movie vectors."""
    users, movies = int(user_rows.max()) + 1, len(vectors)
    centred = stars - stars.mean()
    by_user, by_movie = _Ratings.grouped(user_rows, users), _Ratings.grouped(movie_rows, movies)
    generator = np.random.default_rng([seed, 3])
    factors = generator.standard_normal((movies, config.star_dimension)).astype(np.float32) * np.float32(0.1)
    bias = (
        np.bincount(movie_rows, centred, movies) / (np.bincount(movie_rows, minlength=movies) + 5)
    ).astype(np.float32)
    for _ in range(config.star_iterations):
        people = _solved(_with_one(factors), movie_rows, centred - bias[movie_rows], by_user, config)
        tastes = _with_one(people[:, :-1])
        solved = _solved(tastes, user_rows, centred - people[user_rows, -1], by_movie, config)
        factors, bias = solved[:, :-1], solved[:, -1]
    known = np.bincount(movie_rows, minlength=movies) > 0
    from_vector = _ridge(_with_one(vectors[known]), solved[known], VECTOR_RIDGE)
    return StarFactors(np.ascontiguousarray(factors), np.ascontiguousarray(bias), from_vector)


def person_factors(
    factors: Floats, bias: Floats, centred: Floats, config: TwoTowerConfig, counts: Floats | None = None
) -> Floats:
    """[star_dimension + 1]: a person's factors and bias from the movies they rated and the stars above the
    mean that they gave, each counting as much as `counts` says. Zero without ratings."""
    root, number = _roots(counts, len(centred))
    return _ridge(_with_one(factors) * root[:, None], (centred - bias) * root, _strength(number, config))


def known_share(
    factors: Floats, asked: Floats, config: TwoTowerConfig, counts: Floats | None = None
) -> Floats:
    """[n] from 0 to 1: how much of a person's stars for the movies with factors `asked` is known from those
    that they rated.

    1 - posterior / prior variance of the ridge regression's prediction: 0 without ratings, towards 1 the more
    of them lie in a movie's direction.
    """
    root, number = _roots(counts, len(factors))
    strength = _strength(number, config)
    rated, wanted = _with_one(factors) * root[:, None], _with_one(asked)
    gram = rated.T @ rated
    gram.flat[:: len(gram) + 1] += strength
    posterior = np.einsum("ij,ji->i", wanted, np.linalg.solve(gram, wanted.T))
    known = 1 - strength * posterior / np.square(wanted).sum(axis=1)
    return np.clip(known, 0, 1).astype(np.float32)


def _roots(counts: Floats | None, length: int) -> tuple[Floats, float]:
    """Square roots of the weights of so many ratings, and what the weights add up to."""
    if counts is None:
        return np.ones(length, np.float32), float(length)
    return np.sqrt(counts), float(counts.sum())


def _solved(sides: Floats, others: Ids, values: Floats, ratings: _Ratings, config: TwoTowerConfig) -> Floats:
    """For each entity the ridge regression of its values on the other side's rows."""
    solved = np.zeros((len(ratings.starts) - 1, sides.shape[1]), np.float32)
    for entity, (start, stop) in enumerate(zip(ratings.starts[:-1], ratings.starts[1:], strict=True)):
        if stop > start:
            entries = ratings.order[start:stop]
            strength = _strength(len(entries), config)
            solved[entity] = _ridge(sides[others[entries]], values[entries], strength)
    return solved


def _strength(count: float, config: TwoTowerConfig) -> float:
    return config.star_ridge * max(1, count) ** RIDGE_GROWTH


def _ridge(x: Floats, y: Floats, strength: float) -> Floats:
    gram = x.T @ x
    gram.flat[:: len(gram) + 1] += strength
    return np.linalg.solve(gram, x.T @ y).astype(np.float32)


def _with_one(rows: Floats) -> Floats:
    return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
