import os
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from recommendations.index_building import WAIT_FOR_SYNC_SECONDS
from recommendations.leases import LIFETIME, RENEWAL_SECONDS, LeaseTaken, _release, _renew, is_held, lease
from recommendations.models import Lease

pytestmark = pytest.mark.django_db


def held_by(owner: str, *, expires_in: timedelta) -> None:
    now = timezone.now()
    Lease.objects.create(
        name="work", owner=owner, purpose="a build", acquired_at=now, expires_at=now + expires_in
    )


def test_a_lease_is_given_back_at_the_end() -> None:
    with lease("work", "a build"):
        assert is_held("work")
    assert not is_held("work")


def test_a_lease_is_given_back_when_the_work_fails() -> None:
    with pytest.raises(ZeroDivisionError), lease("work", "a build"):
        raise ZeroDivisionError
    assert not is_held("work")


def test_the_second_comer_is_told_what_is_under_way() -> None:
    with (
        lease("work", "a build"),
        pytest.raises(LeaseTaken, match="a build is under way"),
        lease("work", "mine"),
    ):
        pass


def test_other_work_goes_on_meanwhile() -> None:
    with lease("work", "a build"), lease("other work", "a sync"):
        assert is_held("work")
        assert is_held("other work")


def test_a_lease_of_another_machine_holds_until_it_runs_out() -> None:
    held_by("elsewhere:1:1", expires_in=timedelta(seconds=30))
    with pytest.raises(LeaseTaken), lease("work", "mine"):
        pass


def test_a_lease_that_ran_out_is_taken_over() -> None:
    held_by("elsewhere:1:1", expires_in=timedelta(seconds=-1))
    with lease("work", "mine"):
        assert Lease.objects.get(name="work").purpose == "mine"


def test_the_lease_of_a_dead_process_of_this_machine_is_taken_over_at_once() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with lease("work", "a build"):
        place = Lease.objects.get(name="work").owner.rsplit(":", 2)[0]
    held_by(f"{place}:{child}:1", expires_in=timedelta(seconds=30))
    with lease("work", "mine"):
        assert Lease.objects.get(name="work").purpose == "mine"


def test_a_process_of_another_container_on_this_host_is_not_taken_for_dead() -> None:
    held_by(f"{os.uname().nodename}:{2**22 + 1}:1", expires_in=timedelta(seconds=30))
    with pytest.raises(LeaseTaken), lease("work", "mine"):
        pass


def test_a_lease_holds_on_a_machine_whose_clock_is_a_minute_ahead() -> None:
    with lease("work", "a build"), time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert is_held("work")


def test_a_finished_build_waits_for_longer_than_a_dead_holder_keeps_a_lease() -> None:
    assert LIFETIME.total_seconds() + RENEWAL_SECONDS < WAIT_FOR_SYNC_SECONDS


def test_a_connection_that_broke_before_is_dropped_first() -> None:
    with (
        patch("recommendations.leases.close_old_connections", autospec=True) as dropped,
        patch("recommendations.leases.connection", in_atomic_block=False),
        patch("recommendations.leases._acquire", autospec=True, side_effect=LeaseTaken),
        pytest.raises(LeaseTaken),
        lease("work", "mine"),
    ):
        pass
    dropped.assert_called_once()


def test_who_waits_gets_the_lease_when_it_runs_out() -> None:
    held_by("elsewhere:1:1", expires_in=timedelta(seconds=0.3))
    with lease("work", "mine", wait_seconds=5):
        assert Lease.objects.get(name="work").purpose == "mine"


@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
def test_a_renewal_that_fails_is_made_up_for_by_the_next(fault: type[Exception]) -> None:
    with lease("work", "a build"):
        owner = Lease.objects.get(name="work").owner
        Lease.objects.update(expires_at=timezone.now())
        with patch.object(Lease.objects, "filter", autospec=True, side_effect=fault("gone away")):
            _renew("work", owner)
        assert not is_held("work")
        _renew("work", owner)
        assert is_held("work")


def test_work_that_is_done_stays_done_when_the_lease_cannot_be_given_back() -> None:
    gone = OperationalError("server has gone away")
    with patch.object(Lease.objects, "filter", autospec=True, side_effect=gone) as query:
        _release("work", "me")
    query.assert_called_once()


@pytest.mark.parametrize(("code", "refusal"), [(1213, LeaseTaken), (2006, OperationalError)])
def test_who_loses_a_deadlock_of_mysql_comes_second(code: int, refusal: type[Exception]) -> None:
    with (
        patch.object(Lease, "save", autospec=True, side_effect=OperationalError(code, "what MySQL says")),
        pytest.raises(refusal),
        lease("work", "mine"),
    ):
        pass
