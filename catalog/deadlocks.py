"""Transactions that MySQL ends because they and others wait for each other: they are done again."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

MYSQL_DEADLOCK = 1213
ATTEMPTS = 3

P = ParamSpec("P")
T = TypeVar("T")


def again_after_deadlock(write: Callable[P, T]) -> Callable[P, T]:
    """For a function that is one transaction. Called within another, it leaves the deadlock to that one."""

    @wraps(write)
    def write_in_the_end(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ended in range(ATTEMPTS - 1):
            try:
                return write(*args, **kwargs)
            except OperationalError as error:
                if error.args[:1] != (MYSQL_DEADLOCK,) or connection.in_atomic_block:
                    raise
        return write(*args, **kwargs)

    return write_in_the_end
