import math

import numpy as np
import pytest

from recommendations.two_tower.softmax import (
    NegativeSampler,
    SeenMovies,
    Targets,
    full_softmax,
    sampled_softmax,
)

F = np.float32


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_full_softmax_is_the_negative_log_share_of_the_right_movie():
    users = np.array([[1, 0]], F)
    movies = np.array([[9, 9], [math.log(3), 5], [0, 7]], F)  # row 0 takes no part
    result = full_softmax(users, movies, Targets.single(np.array([1]), np.ones(1, F)))
    assert result.loss == pytest.approx(-math.log(3 / (3 + 1)), abs=1e-6)


def test_two_right_movies_share_the_position():
    users = np.array([[1.0]], F)
    movies = np.array([[0], [math.log(3)], [0]], F)
    targets = Targets(np.array([0, 2]), np.array([1, 2]), np.array([0.5, 0.5], F), np.ones(1, F))
    expected = math.log(4) - (math.log(3) + 0) / 2  # logsumexp minus the mean of the right logits
    assert full_softmax(users, movies, targets).loss == pytest.approx(expected, abs=1e-6)


def test_gradients_agree_with_differences(rng):
    users, movies = rng.standard_normal((5, 3), F), rng.standard_normal((8, 3), F)
    targets = Targets(
        np.array([0, 1, 3, 4, 5, 6]),
        np.array([1, 2, 3, 4, 7, 5]),
        np.array([1, 0.5, 0.5, 1, 1, 1], F),
        rng.random(5, F),
    )
    result = full_softmax(users, movies, targets)
    for array, gradient in ((users, result.user_gradient), (movies, result.movie_gradient)):
        place = (2, 1)
        step = F(1e-2)
        array[place] += step
        above = full_softmax(users, movies, targets).loss
        array[place] -= 2 * step
        below = full_softmax(users, movies, targets).loss
        array[place] += step
        assert gradient[place] == pytest.approx((above - below) / 0.02, abs=2e-3)


def test_blocks_give_the_result_of_one_piece(monkeypatch, rng):
    users, movies = rng.standard_normal((50, 4), F), rng.standard_normal((9, 4), F)
    targets = Targets.single(rng.integers(1, 9, 50), np.ones(50, F))
    whole = full_softmax(users, movies, targets)
    monkeypatch.setattr("recommendations.two_tower.softmax.BLOCK_LOGITS", 9 * 7)
    pieces = full_softmax(users, movies, targets)
    assert pieces.loss == pytest.approx(whole.loss, rel=1e-5)
    np.testing.assert_allclose(pieces.movie_gradient, whole.movie_gradient, atol=1e-5)


def test_log_q_correction_by_hand():
    # target logit 2; negative logit 1, drawn 4 times as expected: corrected 1 - ln 4 = -0.386
    users, movies = np.array([[1.0]], F), np.array([[0], [2], [1]], F)
    log_expected = np.log(np.array([1, 9, 4], F))
    result = sampled_softmax(users, movies, np.array([1]), np.ones(1, F), np.array([2]), log_expected)
    right, wrong = 2, 1 - math.log(4)
    assert result.loss == pytest.approx(math.log(math.exp(right) + math.exp(wrong)) - right, abs=1e-5)


def test_an_accidental_hit_is_no_negative():
    users, movies = np.array([[1.0]], F), np.array([[0], [2], [1]], F)
    result = sampled_softmax(users, movies, np.array([1]), np.ones(1, F), np.array([1]), np.zeros(3, F))
    assert result.loss == pytest.approx(0, abs=1e-6)  # nothing else is left to compare with


def test_sampled_softmax_approaches_the_full_one(rng):
    users, movies = rng.standard_normal((40, 4), F), rng.standard_normal((30, 4), F)
    rows = rng.integers(1, 30, 40)
    sampler = NegativeSampler(rng.integers(1, 50, 30), 20_000)
    sampled = sampled_softmax(users, movies, rows, np.ones(40, F), sampler.draw(rng), sampler.log_expected)
    full = full_softmax(users, movies, Targets.single(rows, np.ones(40, F)))
    assert sampled.loss == pytest.approx(full.loss, rel=0.03)
    np.testing.assert_allclose(sampled.user_gradient, full.user_gradient, atol=0.1)


def test_the_sampler_draws_by_flattened_popularity_and_never_the_unknown_movie():
    sampler = NegativeSampler(np.array([1000, 16, 1]), 90_000)
    drawn = np.bincount(sampler.draw(np.random.default_rng(3)), minlength=3)
    assert drawn[0] == 0
    assert drawn[1] / drawn[2] == pytest.approx(8, rel=0.05)  # 16 ** 0.75


def test_one_target_is_drawn_by_its_share():
    targets = Targets(np.array([0, 2, 3]), np.array([4, 5, 6]), np.array([0.75, 0.25, 1], F), np.ones(2, F))
    generator = np.random.default_rng(4)
    drawn = np.array([targets.one_of_each(generator) for _ in range(2000)])
    assert set(drawn[:, 0]) == {4, 5}
    assert np.mean(drawn[:, 0] == 4) == pytest.approx(0.75, abs=0.04)
    assert (drawn[:, 1] == 6).all()


def test_seen_movies_take_no_part():
    users = np.array([[1.0], [1.0]], F)
    movies = np.array([[0], [1], [2], [3]], F)
    targets = Targets.single(np.array([1, 1]), np.ones(2, F))
    seen = SeenMovies.between(np.array([0, 0]), np.array([0, 2]), np.array([2, 3]))  # the second has seen two
    result = full_softmax(users, movies, targets, seen=seen)
    of_three = math.log(math.exp(1) + math.exp(2) + math.exp(3)) - 1
    assert result.loss == pytest.approx(of_three + 0, abs=1e-5)
    np.testing.assert_allclose(result.user_gradient[1], 0, atol=1e-6)
