"""Predicted stars: what is known of each movie's appeal, and a person's taste solved from their ratings.

stars = mean + bias of the movie + factors of the movie . factors of the person + noise

The posterior of a linear model with Gaussian priors. A person's factors are solved when they are asked for,
so a rating counts at once and a newcomer is nothing special. What the ratings leave open is part of the
model: movies with few ratings count less, and so do ratings of movies and of people that are hard to foresee.
That somebody has rated a movie at all says something too: it moves what is expected of their taste.
`star_fit` learns all of it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .data import Floats, Ids

LOWEST, HIGHEST = 0.5, 5.0
ROUNDS = 3  # of solving a person's factors and how steadily they rate in turn
PRIOR_RATINGS = 10.0  # of average steadiness that everybody starts with


class StarFactors(NamedTuple):
    """Of movie rows; row 0, the unknown movie, has factors and bias of zero."""

    factors: Floats  # [rows, k]
    bias: Floats  # [rows] stars above the mean
    variances: Floats  # [rows, k + 1] of factors and bias, given the ratings
    noise: Floats  # [rows] variance of the stars that an average person gives, whatever is known
    co_rated: Floats  # [rows, h]: movies rated by the same people are alike
    expected: Floats  # [h + 1, k]: `co_rated` of a person's movies and 1 to the factors expected of them
    from_vector: Floats  # [d + 1, k + 1]: movie vector and 1 to factors and bias

    def of(self, rows: Ids, vectors: Floats) -> tuple[Floats, Floats]:
        """Factors and biases of movies; of unknown ones, in row 0, from their learned vectors."""
        factors, bias = self.factors[rows], self.bias[rows]
        unknown = rows == 0
        if unknown.any():
            guessed = vectors[unknown] @ self.from_vector[:-1] + self.from_vector[-1]
            factors[unknown], bias[unknown] = guessed[:, :-1], guessed[:, -1]
        return factors, bias


class Person(NamedTuple):
    """A person's taste as far as it is known."""

    factors: Floats  # [k]
    covariance: Floats  # [k, k]; before any rating the identity

    def known_share(self, factors: Floats) -> Floats:
        """[n] from 0 to 1: how much of the person's stars for movies with these factors their ratings settle.

        1 - posterior / prior variance: 0 without ratings, towards 1 the more of them lie in a movie's
        direction.
        """
        prior = np.square(factors).sum(axis=1)
        posterior = np.einsum("nk,nk->n", factors @ self.covariance, factors)
        share = 1 - np.divide(posterior, prior, out=np.ones_like(prior), where=prior > 0)
        return np.clip(share, 0, 1).astype(np.float32)


def person_of(stars: StarFactors, rows: Ids, centred: Floats, counts: Floats | None = None) -> Person:
    """A person from the movies they rated and the stars above the mean that they gave.

    `counts` says how much each rating counts, from 0 to 1; without it fully. A few tenths of a millisecond.
    """
    counts = np.ones(len(rows), np.float32) if counts is None else counts
    own, left = stars.factors[rows], centred - stars.bias[rows]
    variances, noise = stars.variances[rows], stars.noise[rows]
    expected = expected_factors(stars.co_rated[rows], counts, stars.expected)
    steadiness = np.float32(1)
    for _ in range(ROUNDS):
        weights = counts / (noise * steadiness)
        factors, covariance = posterior(own, left, variances, weights, expected)
        surprise = counts @ (squared_errors(own, left, variances, factors, covariance) / noise)
        steadiness = np.float32(relative_noise(surprise, counts.sum()))
    return Person(factors, covariance)


def expected_factors(co_rated: Floats, counts: Floats, expected: Floats) -> Floats:
    """[k] what is expected of a person who rated these movies, whatever the stars."""
    return watched(co_rated, counts) @ expected


def watched(co_rated: Floats, counts: Floats) -> Floats:
    """[h + 1]: the movies of a person in one row, with a 1."""
    total = counts @ co_rated / np.sqrt(np.maximum(counts.sum(), 1))
    return np.append(total, 1).astype(np.float32)


def posterior(
    own: Floats, left: Floats, variances: Floats, weights: Floats, expected: Floats
) -> tuple[Floats, Floats]:
    """Mean [k] and covariance [k, k] of a person's factors, of which the prior is N(expected, 1).

    `own` [n, k] are the movies' factors, `left` the stars above their biases, `weights` one over the noise.
    """
    weighted = own * weights[:, None]
    precision = weighted.T @ own
    precision.flat[:: len(precision) + 1] += 1 + weights @ variances[:, :-1]
    covariance = np.linalg.inv(precision).astype(np.float32)
    factors = covariance @ (weighted.T @ left + expected)
    return factors.astype(np.float32), covariance


def squared_errors(
    own: Floats, left: Floats, variances: Floats, factors: Floats, covariance: Floats
) -> Floats:
    """[n] expected squares of what a person's factors leave of the ratings."""
    of_person = np.einsum("nk,nk->n", own @ covariance, own)
    of_movies = variances @ np.append(np.square(factors) + covariance.diagonal(), np.float32(1))
    return np.square(left - own @ factors) + of_person + of_movies


def relative_noise(surprise: NDArray | float, number: NDArray | float) -> Floats:
    """Mean of so many relative squared errors, as if some average ones had come before."""
    return np.asarray((surprise + PRIOR_RATINGS) / (number + PRIOR_RATINGS), np.float32)
