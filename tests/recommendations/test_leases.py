import os
from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.leases import LeaseTaken, is_held, lease
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
    held_by(f"{os.uname().nodename}:{child}:1", expires_in=timedelta(seconds=30))
    with lease("work", "mine"):
        assert Lease.objects.get(name="work").purpose == "mine"


def test_who_waits_gets_the_lease_when_it_runs_out() -> None:
    held_by("elsewhere:1:1", expires_in=timedelta(seconds=0.3))
    with lease("work", "mine", wait_seconds=5):
        assert Lease.objects.get(name="work").purpose == "mine"
