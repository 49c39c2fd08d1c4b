"""The plane on which directions of movies differ most: their first two principal components."""

from dataclasses import dataclass

import numpy as np

from .data import Floats, Ids


@dataclass(frozen=True)
class Plane:
    """Shows directions as points: those of movies that are alike lie near one another."""

    centre: Floats  # [248] mean of the directions that it was made from
    axes: Floats  # [248, 2], of length 1 and at right angles

    def places(self, directions: Floats) -> Floats:
        """float32[n, 2], of directions [n, 248]."""
        return ((directions - self.centre) @ self.axes).astype(np.float32, copy=False)


def plane_of(directions: Floats) -> Plane:
    """The plane that keeps most of the variance of `directions` [n, 248].

    The largest entry of each axis is positive, so that the same directions give the same picture.
    """
    centre = directions.mean(axis=0, dtype=np.float64)
    apart = directions - centre
    _variances, vectors = np.linalg.eigh(apart.T @ apart)  # ascending
    axes = vectors[:, :-3:-1]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, range(axes.shape[1])])
    return Plane(centre.astype(np.float32), axes.astype(np.float32))


def nearest_places(places: Floats, to: Floats, *, number: int) -> Ids:
    """int64[m, number]: for each of the points `to` [m, 2] the rows of the nearest of `places` [n, 2]."""
    squares = np.square(to[:, None, :] - places[None, :, :]).sum(axis=2)
    return np.argsort(squares, axis=1, kind="stable")[:, :number]
