"""The order for a group, in numbers small enough to check by hand."""

import numpy as np
import pytest

from recommendations.together.scoring import floor_of, group_order, margins, standardised


def floats(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_standardised_scores_have_mean_zero_and_deviation_one_for_each_member() -> None:
    # Mean 2, deviation sqrt(2/3); ten times the numbers are the same wishes.
    expected = [-1.2247449, 0.0, 1.2247449]
    assert standardised(floats([1, 2, 3], [10, 20, 30])) == pytest.approx(np.array([expected] * 2))


def test_somebody_to_whom_all_movies_are_alike_has_no_say() -> None:
    assert (standardised(floats([4, 4, 4])) == 0).all()


def test_nobody_outvotes_the_other_by_a_longer_vector() -> None:
    # The first member's scores are a hundred times the second's. Standardised (deviation 1.633 and 1.414):
    # (-1.22, 0, 1.22) and (0.71, 0.71, -1.41) average to -0.26, 0.35, -0.09.
    scores = floats([0, 200, 400], [3, 3, 0])
    assert group_order(scores, np.full((2, 3), 4, np.float32), floats([3, 3])[0]) == [1, 2, 0]


def test_a_movie_that_leaves_somebody_below_the_floor_comes_after_all_others() -> None:
    # Movie 0 has the highest average, but 2.0 stars for the second member, whose floor is 2.5.
    scores, stars = floats([9, 1, 0], [9, 1, 0]), floats([5.0, 3.5, 3.0], [2.0, 3.0, 3.0])
    assert group_order(scores, stars, floats([3.0, 2.5])[0]) == [1, 2, 0]


def test_below_the_floor_the_least_misery_decides() -> None:
    # Floors 3 and 3: the least happy one misses by 1.0, 0.2 and 0.6 stars; the averages say otherwise.
    scores, stars = floats([3, 1, 2], [3, 1, 2]), floats([5.0, 2.8, 3.0], [2.0, 4.0, 2.4])
    assert group_order(scores, stars, floats([3, 3])[0]) == [1, 2, 0]


def test_the_margin_is_that_of_the_least_happy_above_their_own_floor() -> None:
    # 4.0 - 3.5 = 0.5 and 2.5 - 1.5 = 1.0: the first is less happy, though their stars are more.
    assert margins(floats([4.0], [2.5]), floats([3.5, 1.5])[0]) == pytest.approx([0.5])


def test_the_floor_is_half_a_star_under_what_somebody_gives_on_average() -> None:
    assert floor_of(3.7) == pytest.approx(3.2)


def test_of_one_member_the_list_is_their_own() -> None:
    assert group_order(floats([1, 3, 2]), floats([4, 4, 4]), floats([3])[0]) == [1, 2, 0]
