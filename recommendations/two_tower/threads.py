"""Keeps the matrix library to one thread, and shares large computations between two of its own.

The matrices of a history are small: a second OpenBLAS thread has nothing to gain, but spins while it waits.
On a busy machine that made a user vector 20 times slower (75 ms instead of 3) and a training step 6 times.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy  # noqa: F401  # its matrix library can be limited only once it is loaded
from threadpoolctl import threadpool_limits

PARTS = 2  # computed side by side; fixed, so that no result depends on the machine

_pool = ThreadPoolExecutor(PARTS, "two-tower")
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def side_by_side(work: Callable[[_Part], _Result], parts: Iterable[_Part]) -> list[_Result]:
    """What `work` makes of each part, in their order. It must not call this itself."""
    return list(_pool.map(work, parts))


@cache
def single_blas_thread() -> None:
    """Lasts for the life of the process; called by whatever computes vectors."""
    threadpool_limits(1, user_api="blas")
