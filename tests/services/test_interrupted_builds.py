"""A build of the index is killed, or started twice: what is live goes on serving."""

import pytest
from django.core.management import CommandError, call_command

from catalog.models import User
from recommendations import vector_index
from recommendations.index_building import BUILDING
from recommendations.leases import is_held, lease
from recommendations.models import ModelVersion
from recommendations.serving import ListRequest, recommend
from recommendations.vector_index import Collection
from tests.engines import manage, wait_until

pytestmark = pytest.mark.services
LIVE, BESIDE = Collection("movies_v1", 1), Collection("movies_v1b", 1)


def kill_a_build_half_way() -> None:
    build = manage("rebuild_index")
    wait_until(lambda: BESIDE in vector_index.collections(), seconds=60, what="the new collection stands")
    build.kill()
    build.wait()


def test_a_killed_build_leaves_the_live_index_serving(live: ModelVersion, fan: User) -> None:
    kill_a_build_half_way()
    assert vector_index.live_collection() == LIVE
    assert recommend(fan, ListRequest(limit=5)).source == "personal"


def test_the_next_build_takes_the_place_of_what_a_killed_one_left(live: ModelVersion) -> None:
    kill_a_build_half_way()
    call_command("rebuild_index")
    assert vector_index.live_collection() == BESIDE
    assert vector_index.count(BESIDE) == 60


def test_of_two_builds_at_once_one_says_why_not(live: ModelVersion) -> None:
    first = manage("rebuild_index")
    wait_until(lambda: is_held(BUILDING), seconds=60, what="the first build holds the lease")
    with pytest.raises(CommandError, match=r"a build of the index of version 1 is under way"):
        call_command("rebuild_index")
    assert first.wait(timeout=60) == 0


def test_a_lease_of_another_machine_is_respected_until_it_runs_out(live: ModelVersion) -> None:
    with (
        lease(BUILDING, "a build elsewhere"),
        pytest.raises(CommandError, match="a build elsewhere is under way"),
    ):
        call_command("rebuild_index")
    call_command("rebuild_index")
    assert vector_index.live_collection() == BESIDE
