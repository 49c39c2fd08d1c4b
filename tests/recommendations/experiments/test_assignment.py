"""Who is in which arm."""

import uuid

import pytest

from recommendations.experiments.assignment import BUCKETS, arm_of, bucket_of, is_shadowed
from recommendations.experiments.models import Arm

PEOPLE = range(1, 20_001)


def challengers(experiment_id: int, share: float) -> set[int]:
    return {pk for pk in PEOPLE if arm_of(experiment_id, pk, share=share) == Arm.CHALLENGER}


def test_a_bucket_is_the_same_in_every_process_and_release() -> None:
    # sha256(b"experiment 1 user 1")[:8] as a big-endian number, modulo 10,000
    assert [bucket_of(1, 1), bucket_of(1, 2), bucket_of(2, 1)] == [6_455, 5_576, 1_258]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_the_challenger_has_its_share_of_the_people(share: float) -> None:
    spread = 4 * (share * (1 - share) / len(PEOPLE)) ** 0.5  # four standard errors
    assert len(challengers(7, share)) / len(PEOPLE) == pytest.approx(share, abs=spread)


def test_a_larger_share_moves_people_to_the_challenger_only() -> None:
    small, large = challengers(7, 0.1), challengers(7, 0.3)
    assert small < large
    assert challengers(7, 0.1) == small  # and back: the same people


def test_arms_of_two_experiments_have_nothing_to_do_with_each_other() -> None:
    both = challengers(7, 0.5) & challengers(8, 0.5)
    assert len(both) / len(PEOPLE) == pytest.approx(0.25, abs=0.015)


def test_nobody_at_no_share_and_everybody_at_the_whole() -> None:
    assert not challengers(7, 0.0)
    assert challengers(7, 1.0) == set(PEOPLE)


def test_a_share_of_the_lists_is_shadowed() -> None:
    ids = [uuid.UUID(int=number) for number in range(BUCKETS)]
    assert sum(is_shadowed(list_id, share=0.25) for list_id in ids) == BUCKETS / 4
