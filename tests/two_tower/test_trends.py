import math

import numpy as np
import pytest

from recommendations.two_tower import trends
from recommendations.two_tower.data import MovieInput
from recommendations.two_tower.softmax import Targets, TrendTerm, full_softmax, sampled_softmax
from recommendations.two_tower.trends import (
    HALF_LIVES,
    RELEASE,
    TREND_DIMENSIONS,
    TREND_SCALE,
    Trends,
    release_trend,
    trends_of_new_movies,
)

DAY = 86_400
F = np.float32
ALL_RATINGS = HALF_LIVES.index(100_000.0)


def trends_of(days, rows, stars=None):
    times = np.array(days) * DAY
    stars = np.full(len(days), 4, F) if stars is None else np.array(stars, F)
    return Trends.of(times, np.array(rows), stars, 4.0, [None, 1990, 1970])


def test_a_rating_counts_half_after_its_half_life():
    # three days before the last moment, half-life three days: 0.5 against 1, of three rows
    last = trends_of([0, 3], [1, 2]).table[-1]
    assert last[1, 0] == pytest.approx(math.log(0.5 / 1.5 * 3 + 0.1) / 2 * TREND_SCALE, abs=1e-5)
    assert last[2, 0] == pytest.approx(math.log(1.0 / 1.5 * 3 + 0.1) / 2 * TREND_SCALE, abs=1e-5)
    assert last[1, ALL_RATINGS] == pytest.approx(last[2, ALL_RATINGS], abs=1e-3)


def test_a_moment_knows_nothing_of_later_ratings():
    days = list(range(20))
    short = trends_of(days[:10], [1] * 10)
    long = trends_of(days, [1] * 10 + [2] * 10)
    place = long.places(np.array([9 * DAY]))[0]
    np.testing.assert_allclose(long.table[place], short.table[-1], rtol=1e-5)


def test_places_are_the_latest_moments_that_are_over():
    three = Trends(np.array([10, 20, 30]), np.zeros((3, 1, TREND_DIMENSIONS), F))
    assert three.places(np.array([5, 10, 19, 20, 99])).tolist() == [0, 0, 0, 1, 2]


@pytest.mark.parametrize(("room", "moments"), [(6_400_000, 64), (60, 20), (6, 8)])
def test_large_catalogues_have_fewer_moments(monkeypatch, room, moments):
    monkeypatch.setattr(trends, "MOST_ROWS", room)
    assert len(trends_of(range(100), [1, 2] * 50).moments) == moments


def test_new_releases_stand_out_whether_rated_or_not():
    moment = 30 * 365 * DAY  # 1999
    assert release_trend([1999, 1990, None], moment) == pytest.approx([1, 0.06, 0], abs=0.02)
    new = trends_of_new_movies([MovieInput(9, "New", 1999, ())], np.zeros((1, TREND_DIMENSIONS), F), moment)
    assert new[0, RELEASE] == TREND_SCALE


@pytest.fixture
def timed():
    generator = np.random.default_rng(0)
    users, movies = generator.standard_normal((6, 5), F), generator.standard_normal((7, 3), F)
    term = TrendTerm(generator.standard_normal((2, 7, 2), F), np.array([-1, -1, 0, 0, 1, 1]))
    return users, movies, term


def test_trends_are_further_dimensions_of_the_movies(timed):
    users, movies, term = timed
    targets = Targets.single(np.array([1, 2, 3, 4, 5, 6]), np.ones(6, F))
    together = full_softmax(users, movies, targets, term).loss
    apart = 0.0
    for position, moment in enumerate(term.moments):
        tail = np.zeros((7, 2), F) if moment < 0 else term.table[moment]
        one = Targets.single(targets.rows[position : position + 1], np.ones(1, F))
        apart += full_softmax(users[position : position + 1], np.hstack([movies, tail]), one).loss
    assert together == pytest.approx(apart, rel=1e-5)


@pytest.mark.parametrize("place", [(2, 3), (5, 4), (1, 0)])
def test_trend_gradients_agree_with_differences(timed, place):
    users, movies, term = timed
    targets, rows = Targets.single(np.array([1, 2, 3, 4, 5, 6]), np.ones(6, F)), np.array([1, 2, 3, 4, 5, 6])

    def full():
        return full_softmax(users, movies, targets, term)

    def sampled():
        return sampled_softmax(users, movies, rows, np.ones(6, F), np.array([2, 5]), np.zeros(7, F), term)

    for compute in (full, sampled):
        gradient = compute().user_gradient[place]
        users[place] += F(0.01)
        above = compute().loss
        users[place] -= F(0.02)
        below = compute().loss
        users[place] += F(0.01)
        assert gradient == pytest.approx((above - below) / 0.02, abs=3e-3)
