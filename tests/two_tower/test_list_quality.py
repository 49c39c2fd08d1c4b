import numpy as np
import pytest

from recommendations.two_tower.list_quality import (
    catalogue_coverage,
    genre_diversity,
    gini,
    most_popular,
    novelty,
    popularity_percentiles,
    vector_diversity,
)

F = np.float32


def test_coverage_counts_a_movie_once():
    assert catalogue_coverage([[1, 2], [2, 3]], 12) == 0.25


def test_gini_is_nought_where_all_are_shown_alike():
    assert gini(np.array([3, 3, 3])) == pytest.approx(0)


def test_gini_by_hand():
    # sorted 0, 1, 3: (-2 * 0 + 0 * 1 + 2 * 3) / (3 * 4)
    assert gini(np.array([3, 0, 1])) == pytest.approx(0.5)


def test_gini_grows_to_one_where_one_movie_gets_everything():
    assert gini(np.eye(1, 1000)[0]) == pytest.approx(0.999)


def test_lists_that_show_nothing_have_no_gini():
    assert gini(np.zeros(3)) == 0


def test_a_percentile_is_the_share_of_less_popular_movies():
    # of four movies: one below and half of the two equal ones
    assert popularity_percentiles(np.array([5, 9, 9, 20], F)).tolist() == [0.125, 0.5, 0.5, 0.875]


def test_most_popular_movies_are_a_share_of_all_but_at_least_one():
    assert most_popular(np.array([5, 9, 7, 20], F), 0.5).tolist() == [3, 1]
    assert most_popular(np.array([5, 9, 7, 20], F), 0.01).tolist() == [3]


def test_novelty_is_in_bits():
    assert novelty(np.array([16, 4, 0], F), 16).tolist() == [0, 2, 4]


def test_genre_diversity_by_hand():
    # a and b share one genre of two, a and c as b and c none of two and of three
    assert genre_diversity([["War"], ["War", "Drama"], ["Comedy"]]) == pytest.approx((0.5 + 1 + 1) / 3)


def test_vector_diversity_by_hand():
    # cosines of the pairs: 1, 0, 0
    assert vector_diversity(np.array([[1, 0], [1, 0], [0, 1]], F)) == pytest.approx(1 - 1 / 3)


@pytest.mark.parametrize("size", [0, 1])
def test_a_list_without_pairs_has_no_diversity(size):
    assert vector_diversity(np.ones((size, 2), F)) == 0
    assert genre_diversity([["War"]] * size) == 0
