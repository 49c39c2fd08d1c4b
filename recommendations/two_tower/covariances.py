"""Covariance matrices of very many people, of each the half that says all."""

import numpy as np

from .data import Floats, Rows, blocks

BLOCK = 4_096  # matrices that are read at a time: 5 MB with 24 factors


class Covariances:
    """Symmetric matrices [n, k, k], all zero at first; only the upper triangles are held."""

    def __init__(self, n: int, k: int) -> None:
        rows, columns = np.triu_indices(k)
        self._upper = rows * k + columns  # of a flat matrix, what is held
        self._places = np.empty((k, k), np.int64)  # where in the half each entry is
        self._places[rows, columns] = self._places[columns, rows] = np.arange(len(rows))
        self._halves: Floats = np.zeros((n, len(rows)), np.float32)

    def __setitem__(self, i: int, matrix: Floats) -> None:
        self._halves[i] = matrix.reshape(-1)[self._upper]

    def __getitem__(self, i: int) -> Floats:
        return self._whole(self._halves[i])

    def mean(self) -> Floats:
        """[k, k]"""
        return self._whole(self._halves.mean(axis=0))

    def weighted_sum(self, weights: Floats, chosen: Rows) -> Floats:
        """[k, k]: the sum of the `chosen` matrices, each times its weight."""
        total = np.zeros(len(self._upper), np.float32)
        for block in blocks(len(chosen), BLOCK):
            total += weights[block] @ self._halves[chosen[block]]
        return self._whole(total)

    def turn(self, matrix: Floats) -> None:
        """Each C becomes matrix C matrix^T."""
        for block in blocks(len(self._halves), BLOCK):
            turned = matrix @ self._whole(self._halves[block]) @ matrix.T
            self._halves[block] = turned.reshape(len(turned), -1)[:, self._upper]

    def _whole(self, halves: Floats) -> Floats:
        """[..., k, k] of [..., entries of a half]."""
        whole: Floats = halves[..., self._places]
        return whole
