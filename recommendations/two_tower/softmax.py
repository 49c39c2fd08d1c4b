"""Softmax cross-entropy over the catalogue with its gradient, in blocks of rows; numpy only.

Computing the gradient beside the loss keeps one block of logits in memory instead of all of them
(6,400 positions x 3,700 movies are 95 MB, three times over under automatic differentiation).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .data import Floats, Ids

BLOCK_LOGITS = 2_000_000  # logits computed at once: 8 MB
SMALLEST_EXPONENT = np.float32(-60)  # smaller ones make denormal numbers, which multiply ten times slower


@dataclass(frozen=True)
class Targets:
    """For each position the movies that were right and their shares, in compressed rows."""

    starts: Ids  # [positions + 1]; position p has entries starts[p] to starts[p + 1]
    rows: Ids  # movie rows
    shares: Floats  # a position's shares add up to one
    weights: Floats  # [positions]: of each position in the loss

    @classmethod
    def single(cls, rows: Ids, weights: Floats) -> "Targets":
        """One right movie for each position."""
        return cls(np.arange(len(rows) + 1), rows, np.ones(len(rows), np.float32), weights)

    def one_of_each(self, generator: np.random.Generator) -> Ids:
        """For each position one of its movies, drawn by its share."""
        ends = np.cumsum(self.shares, dtype=np.float64)
        before = np.concatenate([[0.0], ends])[self.starts]
        picks = before[:-1] + generator.random(len(self.weights)) * np.diff(before)
        places = np.searchsorted(ends, picks, "right")
        return self.rows[np.clip(places, self.starts[:-1], self.starts[1:] - 1)]


class LossAndGradients(NamedTuple):
    loss: float
    user_gradient: Floats
    movie_gradient: Floats


def full_softmax(users: Floats, movies: Floats, targets: Targets) -> LossAndGradients:
    """Sum over positions of weight * (logsumexp(u.M) - sum of shares * u.m_target).

    `users` is [positions, d]; `movies` [rows, d], of which row 0, the unknown movie, takes no part.
    """
    user_gradient = np.empty_like(users)
    movie_gradient = np.zeros_like(movies)
    size = max(1, BLOCK_LOGITS // len(movies))
    loss = 0.0
    for start in range(0, len(users), size):
        stop = min(start + size, len(users))
        block, weights = users[start:stop], targets.weights[start:stop]
        logits = block @ movies.T
        logits[:, 0] = -np.inf
        entries = slice(targets.starts[start], targets.starts[stop])
        counts = np.diff(targets.starts[start : stop + 1])
        places = np.repeat(np.arange(stop - start), counts), targets.rows[entries]
        shares = targets.shares[entries]
        right = np.bincount(places[0], logits[places] * shares, stop - start)
        logits, log_sums = _softmax_in_place(logits)
        loss += float(weights @ (log_sums - right))
        np.subtract.at(logits, places, shares)
        logits *= weights[:, None]
        user_gradient[start:stop] = logits @ movies
        movie_gradient += logits.T @ block
    return LossAndGradients(loss, user_gradient, movie_gradient)


def sampled_softmax(
    users: Floats,
    movies: Floats,
    target_rows: Ids,
    weights: Floats,
    negative_rows: Ids,
    log_expected: Floats,
) -> LossAndGradients:
    """The loss of each target against shared sampled negatives, with logQ correction.

    `log_expected[row]` is the logarithm of how often a movie is expected among the negatives; it is
    subtracted from the logits of negatives (Bengio and Senecal 2008), so that frequent movies are not
    punished for being drawn often. The target is there with certainty, so its logit stays as it is, and a
    negative that is the position's own target (an accidental hit) takes no part: the sum of exponentials
    is then right on average.
    """
    negatives = movies[negative_rows]
    positives = movies[target_rows]
    logits = np.empty((len(users), len(negative_rows) + 1), np.float32)
    logits[:, 0] = np.einsum("pd,pd->p", users, positives)
    logits[:, 1:] = users @ negatives.T - log_expected[negative_rows]
    logits[:, 1:][target_rows[:, None] == negative_rows] = -np.inf
    right = logits[:, 0].copy()
    logits, log_sums = _softmax_in_place(logits)
    loss = float(weights @ (log_sums - right))
    logits[:, 0] -= 1
    logits *= weights[:, None]
    user_gradient = logits[:, :1] * positives + logits[:, 1:] @ negatives
    movie_gradient = np.zeros_like(movies)
    np.add.at(movie_gradient, target_rows, logits[:, :1] * users)
    np.add.at(movie_gradient, negative_rows, logits[:, 1:].T @ users)
    return LossAndGradients(loss, user_gradient, movie_gradient)


class NegativeSampler:
    """Draws movies with probability proportional to how often they are rated, flattened."""

    def __init__(self, counts: NDArray, negatives: int, flattening: float = 0.75) -> None:
        """`counts[row]` ratings of each movie row; row 0 is never drawn."""
        shares = np.maximum(counts, 1).astype(np.float64) ** flattening
        shares[0] = 0
        shares /= shares.sum()
        self.negatives = negatives
        self._cumulative = np.cumsum(shares)
        self.log_expected = np.log(np.maximum(shares * negatives, 1e-12)).astype(np.float32)

    def draw(self, generator: np.random.Generator) -> Ids:
        drawn = np.searchsorted(self._cumulative, generator.random(self.negatives), "right")
        return np.minimum(drawn, len(self._cumulative) - 1)


def _softmax_in_place(logits: Floats) -> tuple[Floats, Floats]:
    """Probabilities in the place of the logits, and each row's log of the sum of exponentials."""
    tops = logits.max(axis=1)
    logits -= tops[:, None]
    np.maximum(logits, SMALLEST_EXPONENT, out=logits)
    np.exp(logits, out=logits)
    sums = logits.sum(axis=1)
    logits /= sums[:, None]
    return logits, tops + np.log(sums)
