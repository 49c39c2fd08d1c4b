"""Keeps the matrix library to one thread.

The matrices of a history are small: a second OpenBLAS thread has nothing to gain, but spins while it waits.
On a busy machine that made a user vector 20 times slower (75 ms instead of 3) and a training step 6 times.
"""

from functools import cache

import numpy  # noqa: F401  # its matrix library can be limited only once it is loaded
from threadpoolctl import threadpool_limits


@cache
def single_blas_thread() -> None:
    """Lasts for the life of the process; called by whatever computes vectors."""
    threadpool_limits(1, user_api="blas")
