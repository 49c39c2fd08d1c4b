"""How far metrics, and the difference of two models, can be trusted: a bootstrap over users.

Users are drawn with replacement (Efron 1979) and the interval is that of percentiles (Efron and Tibshirani,
An Introduction to the Bootstrap, 1993, chapter 13); for the comparison of rankings see Sakai (SIGIR 2006).
"""

from typing import NamedTuple

import numpy as np

from .data import Floats

RESAMPLES = 2_000
CONFIDENCE = 0.95
TAILS = (50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE))  # percentiles
SEED = 0


class Interval(NamedTuple):
    """A mean and what it lies between, with CONFIDENCE."""

    mean: float
    low: float
    high: float


def mean_of_questions(scores: np.ndarray) -> float:
    """The mean over the columns of `scores` [users, questions] of their means; NaN: the user was not asked.

    A question that nobody was asked counts as 0.
    """
    return float(_statistic(np.ones((1, len(scores))), scores)[0])


def paired_interval(own: Floats, other: Floats) -> Interval:
    """Of `mean_of_questions` of one model less that of another; both [users, questions], row by row the same
    users, who are drawn together with their answers to all questions."""
    difference = np.asarray(own, np.float64) - np.asarray(other, np.float64)
    low, high = np.percentile(_statistic(_draws(len(difference)), difference), TAILS)
    return Interval(mean_of_questions(difference), float(low), float(high))


def intervals_of_means(scores: Floats) -> list[Interval]:
    """Of each column of `scores` [users, columns], of which no value is missing."""
    values = np.asarray(scores, np.float64)
    if not len(values):
        return [Interval(0.0, 0.0, 0.0)] * values.shape[1]
    lows, highs = np.percentile(_draws(len(values)) @ values / len(values), TAILS, axis=0)
    columns = zip(values.mean(axis=0), lows, highs, strict=True)
    return [Interval(*map(float, column)) for column in columns]


def _draws(users: int) -> np.ndarray:
    """[resamples, users]: how often each user is drawn."""
    return np.random.default_rng(SEED).multinomial(users, np.full(users, 1 / users), size=RESAMPLES)


def _statistic(draws: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """[resamples]; `draws` [resamples, users] says how often each user was drawn."""
    asked = np.isfinite(scores)
    sums, numbers = draws @ np.where(asked, scores, 0.0), draws @ asked.astype(np.float64)
    return (sums / np.maximum(numbers, 1)).mean(axis=1)
