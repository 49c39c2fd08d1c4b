"""The two ways to part ratings into training, validation and test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .config import Horizon
from .data import Ids, TrainingData

SMALLEST_HISTORY = 5
LIKED_STARS = 4.0
TRAIN_SHARE, BEFORE_TEST_SHARE = 0.8, 0.9

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """What may be read before the question, and what answers it."""

    before: TrainingData  # histories; with `for_validation` without the validation part
    relevant: dict[int, set[int]]  # right movies of each counted user, by user ID
    candidates: Ids  # sorted movie IDs that may be ranked
    horizon: Horizon  # the question asked
    now: int | None  # moment of the question in unix seconds; None: right after each history


def leave_one_out(data: TrainingData, *, for_validation: bool = False) -> Split:
    """Each user with at least five ratings: the last by time is the test, the one before it validation.

    Ties keep the stored order. Candidates are all rated movies. For validation the test ratings are gone.
    """
    ids, starts, stops = data.bounds()
    counted = stops - starts >= SMALLEST_HISTORY
    last = stops[counted] - 1
    asked = last - 1 if for_validation else last
    before = np.ones(len(data), bool)
    before[last] = False
    before[asked] = False
    relevant = {
        int(user): {int(movie)} for user, movie in zip(ids[counted], data.movie_ids[asked], strict=True)
    }
    return Split(data.keep(before), relevant, np.unique(data.movie_ids).astype(np.int64), Horizon.NEXT, None)


def temporal(data: TrainingData, *, order: Ids | None = None, for_validation: bool = False) -> Split:
    """All ratings by time: the last 10 % are the test, the 10 % before them validation.

    Counted are users with at least five ratings before the cut and a new movie with four stars or more
    after it; those movies are relevant. Candidates: movies rated before the cut. `order[i]` is the stored
    place of rating i and breaks ties in time; without it they keep the order of `data`.
    """
    n = len(data)
    ties = np.arange(n) if order is None else order
    by_time = np.lexsort((ties, data.timestamps))
    cut, end = (TRAIN_SHARE, BEFORE_TEST_SHARE) if for_validation else (BEFORE_TEST_SHARE, 1.0)
    before, after = np.zeros(n, bool), np.zeros(n, bool)
    before[by_time[: int(n * cut)]] = True
    after[by_time[int(n * cut) : int(n * end)]] = True
    known = data.keep(before)
    now = int(data.timestamps[by_time[int(n * cut)]])
    candidates = np.unique(known.movie_ids).astype(np.int64)
    return Split(known, _later_liked(data, known, after), candidates, Horizon.WEEKS, now)


def _later_liked(data: TrainingData, known: TrainingData, after: Mask) -> dict[int, set[int]]:
    ids, starts, stops = known.bounds()
    counted = {
        int(user): set(known.movie_ids[start:stop].tolist())
        for user, start, stop in zip(ids, starts, stops, strict=True)
        if stop - start >= SMALLEST_HISTORY
    }
    relevant: dict[int, set[int]] = {}
    liked = after & (data.stars >= LIKED_STARS)
    for user, movie in zip(data.user_ids[liked].tolist(), data.movie_ids[liked].tolist(), strict=True):
        if user in counted and movie not in counted[user]:
            relevant.setdefault(user, set()).add(movie)
    return relevant
