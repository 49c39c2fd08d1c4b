"""Intervals and tests, by cases that can be worked out by hand."""

import math

import numpy as np
import pytest

from recommendations.experiments.statistics import (
    Estimate,
    Ratios,
    bootstrap,
    interval,
    people_needed,
    sample_ratio,
    wilson,
)


def ratios(above: list[float], below: list[float]) -> Ratios:
    return Ratios(np.array(above, np.float64), np.array(below, np.float64))


def estimate(above: list[float], below: list[float]) -> Estimate:
    metric = ratios(above, below)
    return interval(metric.value, bootstrap({"m": metric})["m"])


def width(found: Estimate) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_wilsons_interval() -> None:
    # 10 of 100, z = 1.96, z² = 3.8415: centre (.1 + .019207) / 1.038415 = .114798,
    # half 1.96 * sqrt(.09 / 100 + .000096) / 1.038415 = .059566
    found = wilson(10, 100)
    assert (found.value, found.low, found.high) == (
        0.1,
        pytest.approx(0.0552, abs=1e-4),
        pytest.approx(0.1744, abs=1e-4),
    )


def test_wilsons_interval_of_no_hit_is_no_point() -> None:
    # z² / (n + z²) = 3.8415 / 13.8415
    assert wilson(0, 10) == Estimate(0.0, 0.0, pytest.approx(0.2775, abs=1e-4))  # type: ignore[arg-type]
    assert wilson(0, 0) == Estimate(None)


def test_a_ratio_is_one_of_sums_over_people_and_not_a_mean_of_shares() -> None:
    # one list with a click; nine without: 1 / 10, where the mean of the shares would be 1/2
    assert ratios([1, 0], [1, 9]).value == 0.1


def test_drawing_people_anew_gives_each_of_the_possible_samples() -> None:
    # of two people with 0/1 and 1/1: both, either or the other twice: 0, 1/2 or 1, with 1/4, 1/2, 1/4
    drawn = bootstrap({"m": ratios([0, 1], [1, 1])}, draws=4_000)["m"]
    shares = [float((drawn == value).mean()) for value in (0.0, 0.5, 1.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_people_who_are_all_alike_leave_no_doubt() -> None:
    assert estimate([1, 1, 1], [2, 2, 2]) == Estimate(0.5, 0.5, 0.5)


def test_ten_lists_of_one_person_tell_less_than_ten_of_ten_people() -> None:
    people = estimate([1, 0] * 50, [1] * 100)  # 100 people with one list
    lists = estimate([10, 0] * 5, [10] * 10)  # 10 people with ten lists, all or none clicked
    assert width(people) < width(lists) / 2


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator, hits = np.random.default_rng(3), 0
    for _round in range(200):
        clicks = generator.binomial(5, 0.3, size=80).astype(float)
        found = interval(0.3, bootstrap({"m": ratios(list(clicks), [5.0] * 80)}, draws=200)["m"])
        hits += found.low <= 0.3 <= found.high  # type: ignore[operator]
    assert hits / 200 == pytest.approx(0.95, abs=0.05)


def test_without_people_or_without_ratings_there_is_no_number() -> None:
    assert estimate([], []) == Estimate(None)
    assert estimate([0, 0], [0, 0]) == Estimate(None)


def test_arms_of_the_promised_sizes_are_not_suspected() -> None:
    # 5,020 of 10,000 at a half: 19.5 / 50 deviations with the continuity correction, p = .6966
    found = sample_ratio(4_980, 5_020, share=0.5)
    assert found.p_value == pytest.approx(0.6966, abs=1e-4)
    assert not found.is_suspicious


def test_an_arm_that_loses_people_is_suspected() -> None:
    # 900 where 1,000 of 10,000 were promised: 2 P(X <= 900) = .00077, as fractions of whole numbers sum to
    found = sample_ratio(9_100, 900, share=0.1)
    assert found.p_value == pytest.approx(0.00077032, abs=1e-8)
    assert found.is_suspicious
    assert sample_ratio(0, 0, share=0.5).p_value is None


def test_one_person_where_hardly_anybody_was_promised_is_no_alarm() -> None:
    # of 100 at a share of .0001: one or more with 1 - .9999^100 = .00995, two or more with .0000492
    one, two = (sample_ratio(100 - n, n, share=0.0001) for n in (1, 2))
    assert one.p_value == pytest.approx(2 * 0.00995, abs=1e-5)
    assert two.p_value == pytest.approx(2 * 0.0000492, abs=1e-7)
    assert (one.is_suspicious, two.is_suspicious) == (False, True)


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5])
@pytest.mark.parametrize("people", [1, 7, 50, 300])
def test_sound_arms_are_suspected_less_than_once_in_a_thousand(share: float, people: int) -> None:
    ways = [math.comb(people, n) * share**n * (1 - share) ** (people - n) for n in range(people + 1)]
    wrong = [sample_ratio(people - n, n, share=share).is_suspicious for n in range(people + 1)]
    assert sum(ways) == pytest.approx(1)
    assert sum(way for way, is_wrong in zip(ways, wrong, strict=True) if is_wrong) < 0.001


def test_people_drawn_from_another_stream_are_drawn_independently() -> None:
    same = {"m": ratios([1, 0] * 50, [1] * 100)}
    first, again, other = (bootstrap(same, stream=stream)["m"] for stream in (0, 0, 1))
    assert (first == again).all()
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.1


def test_how_many_people_a_change_of_a_tenth_takes() -> None:
    # half of the people click their one list: variance 1/4 * n/(n-1), change .05: 16 * .25 / .0025 = 1600
    assert people_needed(ratios([1, 0] * 5_000, [1] * 10_000)) == pytest.approx(1_600, abs=1)
    assert people_needed(ratios([0, 0], [1, 1])) is None
