"""Finds pairs that come twice in a stream of millions, in little memory and whatever their order."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


class SeenPairs:
    """Remembers pairs of numbers below 2**31, in 8 bytes each (16 for a moment while runs are merged).

    Keeps them as sorted runs, each at least twice as long as the next, so there are about log2(n) of them.
    """

    def __init__(self) -> None:
        self._runs: list[Numbers] = []

    def add(self, left: Numbers, right: Numbers) -> NDArray[np.bool_]:
        """Which of the pairs have been added before, be it earlier in these arrays."""
        keys = (left << 32) | right
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        repeated = np.zeros(len(keys), dtype=bool)
        repeated[1:] = ordered[1:] == ordered[:-1]
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, ordered), len(run) - 1)
            repeated |= run[places] == ordered
        self._remember(ordered[~repeated])
        in_given_order = np.empty_like(repeated)
        in_given_order[order] = repeated
        return in_given_order

    def _remember(self, run: Numbers) -> None:
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort()
        if len(run):
            self._runs.append(run)
