"""Softmax cross-entropy over the catalogue with its gradient, in blocks of rows; numpy only.

Computing the gradient beside the loss keeps one block of logits in memory instead of all of them
(6,400 positions x 3,700 movies are 95 MB, three times over under automatic differentiation).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .data import Floats, Ids, Rows
from .threads import PARTS, side_by_side

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

    def of(self, places: Ids) -> "Targets":
        """Those of some positions."""
        starts, entries = _rows_of(self.starts, places)
        return Targets(starts, self.rows[entries], self.shares[entries], self.weights[places])

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


@dataclass(frozen=True)
class SeenMovies:
    """For each position the movies that its user had already rated, in compressed rows.

    They are never recommended again, so they take no part in the softmax: otherwise the popular movies,
    which most people have seen, would have to be ranked low for everybody with a long history.
    """

    starts: Ids  # [positions + 1]
    rows: Rows

    @classmethod
    def between(cls, first: Ids, last: Ids, movies: Rows) -> "SeenMovies":
        """Position p has seen movies[first[p]:last[p]]."""
        counts = last - first
        starts = np.concatenate([[0], np.cumsum(counts)])
        return cls(starts, movies[np.arange(starts[-1]) - np.repeat(starts[:-1] - first, counts)])

    def of(self, places: Ids) -> "SeenMovies":
        """Those of some positions."""
        starts, entries = _rows_of(self.starts, places)
        return SeenMovies(starts, self.rows[entries])

    def hide(self, logits: Floats, start: int, stop: int) -> None:
        """Makes the logits of the positions from `start` to `stop` minus infinity where seen."""
        counts = np.diff(self.starts[start : stop + 1])
        places = np.repeat(np.arange(stop - start), counts)
        logits[places, self.rows[self.starts[start] : self.starts[stop]]] = -np.inf


def _rows_of(starts: Ids, places: Ids) -> tuple[Ids, Ids]:
    """Of compressed rows those at `places`: their new starts, and the places of their entries."""
    counts = np.diff(starts)[places]
    fresh = np.concatenate([[0], np.cumsum(counts)])
    return fresh, np.arange(fresh[-1]) + np.repeat(starts[places] - fresh[:-1], counts)


@dataclass(frozen=True)
class TrendTerm:
    """What the trends of a moment add to the logits of some positions.

    The last columns of these positions' user vectors meet `table[moment]` instead of learned movie vectors.
    """

    table: Floats  # [moments, movie rows, trend dimensions]
    moments: Ids  # [positions]: place in the table, -1 for positions without trends

    def groups(self, start: int, stop: int) -> Iterator[tuple[slice, Floats]]:
        """Runs of neighbouring positions with one moment: their places from `start`, and its trends."""
        part = self.moments[start:stop]
        edges = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
        for first, last in pairwise(edges):
            if last > first and part[first] >= 0:
                yield slice(first, last), self.table[part[first]]


def full_softmax(
    users: Floats,
    movies: Floats,
    targets: Targets,
    trends: TrendTerm | None = None,
    seen: SeenMovies | None = None,
) -> LossAndGradients:
    """Sum over positions of weight * (logsumexp(u.M) - sum of shares * u.m_target).

    `movies` is [rows, d], of which row 0, the unknown movie, takes no part; `users` [positions, d], or with
    `trends` [positions, d + trend dimensions].
    """
    width, size = movies.shape[1], max(1, BLOCK_LOGITS // len(movies))
    user_gradient = np.zeros_like(users)

    def run(part: int) -> tuple[float, Floats]:
        loss, movie_gradient = 0.0, np.zeros_like(movies)
        for start in range(part * size, len(users), PARTS * size):
            stop = min(start + size, len(users))
            block = users[start:stop, :width]
            logits = block @ movies.T
            groups = list(trends.groups(start, stop)) if trends else []
            for rows, trend in groups:
                logits[rows] += users[start:stop, width:][rows] @ trend.T
            if seen is not None:
                seen.hide(logits, start, stop)
            loss += _loss_to_gradient(logits, targets, start, stop)
            user_gradient[start:stop, :width] = logits @ movies
            for rows, trend in groups:
                user_gradient[start:stop, width:][rows] = logits[rows] @ trend
            movie_gradient += logits.T @ block
        return loss, movie_gradient

    losses, movie_gradients = zip(*side_by_side(run, range(PARTS)), strict=True)
    return LossAndGradients(sum(losses), user_gradient, np.sum(movie_gradients, axis=0))


def _loss_to_gradient(logits: Floats, targets: Targets, start: int, stop: int) -> float:
    """The weighted loss of a block of positions, whose logits become their gradients in place."""
    weights = targets.weights[start:stop]
    logits[:, 0] = -np.inf
    entries = slice(targets.starts[start], targets.starts[stop])
    counts = np.diff(targets.starts[start : stop + 1])
    places = np.repeat(np.arange(stop - start), counts), targets.rows[entries]
    shares = targets.shares[entries]
    right = np.bincount(places[0], logits[places] * shares, stop - start)
    log_sums = _softmax_in_place(logits)
    np.subtract.at(logits, places, shares)
    logits *= weights[:, None]
    return float(weights @ (log_sums - right))


def sampled_softmax(
    users: Floats,
    movies: Floats,
    target_rows: Ids,
    weights: Floats,
    negative_rows: Ids,
    log_expected: Floats,
    trends: TrendTerm | None = None,
) -> LossAndGradients:
    """The loss of each target against shared sampled negatives, with logQ correction.

    `log_expected[row]` is the logarithm of how often a movie is expected among the negatives; it is
    subtracted from the logits of negatives (Bengio and Senecal 2008), so that frequent movies are not
    punished for being drawn often. The target is there with certainty, so its logit stays as it is, and a
    negative that is the position's own target (an accidental hit) takes no part: the sum of exponentials
    is then right on average.
    """
    width = movies.shape[1]
    negatives, positives, block = movies[negative_rows], movies[target_rows], users[:, :width]
    groups = list(trends.groups(0, len(users))) if trends else []
    logits = np.empty((len(users), len(negative_rows) + 1), np.float32)
    logits[:, 0] = np.einsum("pd,pd->p", block, positives)
    logits[:, 1:] = block @ negatives.T - log_expected[negative_rows]
    for rows, trend in groups:
        logits[rows, 0] += np.einsum("pd,pd->p", users[rows, width:], trend[target_rows[rows]])
        logits[rows, 1:] += users[rows, width:] @ trend[negative_rows].T
    logits[:, 1:][target_rows[:, None] == negative_rows] = -np.inf
    right = logits[:, 0].copy()
    log_sums = _softmax_in_place(logits)
    logits[:, 0] -= 1
    logits *= weights[:, None]
    user_gradient, movie_gradient = np.zeros_like(users), np.zeros_like(movies)
    user_gradient[:, :width] = logits[:, :1] * positives + logits[:, 1:] @ negatives
    for rows, trend in groups:
        own = logits[rows, :1] * trend[target_rows[rows]]
        user_gradient[rows, width:] = own + logits[rows, 1:] @ trend[negative_rows]
    np.add.at(movie_gradient, target_rows, logits[:, :1] * block)
    np.add.at(movie_gradient, negative_rows, logits[:, 1:].T @ block)
    return LossAndGradients(float(weights @ (log_sums - right)), user_gradient, movie_gradient)


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


def _softmax_in_place(logits: Floats) -> Floats:
    """Turns logits into probabilities and returns each row's logarithm of the sum of exponentials."""
    tops = logits.max(axis=1)
    logits -= tops[:, None]
    np.maximum(logits, SMALLEST_EXPONENT, out=logits)
    np.exp(logits, out=logits)
    sums = logits.sum(axis=1)
    logits /= sums[:, None]
    return tops + np.log(sums)
