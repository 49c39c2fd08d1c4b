"""What MySQL ends for a deadlock is done again, a few times."""

from contextlib import suppress

import pytest
from django.db import OperationalError, transaction

from catalog.deadlocks import ATTEMPTS, MYSQL_DEADLOCK, again_after_deadlock

pytestmark = pytest.mark.django_db(transaction=True)


def calls_until_it_ends(*faults: int) -> int:
    """Of a write that meets these faults one after the other, and then none."""
    calls = []

    @again_after_deadlock
    def write() -> None:
        calls.append("")
        if len(calls) <= len(faults):
            raise OperationalError(faults[len(calls) - 1], "fault")

    with suppress(OperationalError):
        write()
    return len(calls)


def test_a_write_is_tried_again_after_a_deadlock_but_not_for_ever() -> None:
    assert calls_until_it_ends() == 1
    assert calls_until_it_ends(MYSQL_DEADLOCK) == 2
    assert calls_until_it_ends(*[MYSQL_DEADLOCK] * ATTEMPTS) == ATTEMPTS


def test_another_fault_is_told_at_once() -> None:
    assert calls_until_it_ends(2006) == 1


def test_in_a_transaction_that_the_deadlock_has_ended_nothing_is_tried_again() -> None:
    with transaction.atomic():
        assert calls_until_it_ends(MYSQL_DEADLOCK) == 1
