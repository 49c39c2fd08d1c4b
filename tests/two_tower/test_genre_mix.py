"""Mixtures of genres and the distance between two of them."""

import numpy as np
import pytest

from recommendations.two_tower.data import MovieInput
from recommendations.two_tower.genre_mix import genre_mix, jensen_shannon

MOVIES = [
    MovieInput(1, "a", 1990, ("Drama",)),
    MovieInput(2, "b", 1990, ("Crime", "Drama")),
    MovieInput(3, "c", 1990, ()),
]


def test_a_rating_is_split_evenly_among_the_genres_of_its_movie() -> None:
    # Drama 2 + 1/2, Crime 1/2, no genre 1: of four ratings
    mix = genre_mix(np.array([1, 1, 2, 3]), MOVIES)
    assert mix == {"": 1 / 4, "Crime": 1 / 8, "Drama": 5 / 8}


def test_movies_that_are_not_given_do_not_count() -> None:
    assert genre_mix(np.array([1, 99]), MOVIES) == {"Drama": 1.0}


def test_the_distance_goes_from_nothing_in_common_to_equal() -> None:
    assert jensen_shannon({"Drama": 1.0}, {"Crime": 1.0}) == pytest.approx(1.0)
    assert jensen_shannon({"Drama": 0.3, "Crime": 0.7}, {"Crime": 0.7, "Drama": 0.3}) == 0.0
    # half of one to all of it: entropy of (3/4, 1/4) less half of that of (1/2, 1/2) = 0.8113 - 0.5
    assert jensen_shannon({"Drama": 0.5, "Crime": 0.5}, {"Drama": 1.0}) == pytest.approx(
        0.3113**0.5, abs=1e-4
    )
