import numpy as np
import pytest

from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.stars import StarFactors, fit_stars, known_share, person_factors

F = np.float32
CONFIG = TwoTowerConfig(star_dimension=2, star_ridge=0.5, star_iterations=15)


def ratings(users=60, movies=30, seed=0):
    """Stars that are a mean, biases and one taste, exactly; each user rates half of the movies."""
    generator = np.random.default_rng(seed)
    taste, kind = generator.choice([-1, 1], users), generator.choice([-1, 1], movies + 1)
    user_rows, movie_rows = np.nonzero(generator.random((users, movies)) < 0.5)
    movie_rows += 1
    stars = 3 + taste[user_rows] * kind[movie_rows] + 0.5 * (movie_rows % 2)
    return user_rows, movie_rows, stars.astype(F), taste, kind


def test_a_taste_is_found():
    users, movies, stars, taste, kind = ratings()
    vectors = np.random.default_rng(1).standard_normal((31, 4), F)
    found = fit_stars(users, movies, stars, vectors, CONFIG, 0)
    mine = users == 5
    rows = movies[mine]
    person = person_factors(found.factors[rows], found.bias[rows], stars[mine] - stars.mean(), CONFIG)
    others = np.setdiff1d(np.arange(1, 31), rows)
    predicted = stars.mean() + found.bias[others] + found.factors[others] @ person[:-1] + person[-1]
    expected = 3 + taste[5] * kind[others] + 0.5 * (others % 2)
    assert np.abs(predicted - expected).mean() < 0.25


def test_a_person_without_ratings_has_no_taste():
    assert not person_factors(np.zeros((0, 2), F), np.zeros(0, F), np.zeros(0, F), CONFIG).any()


def test_one_rating_moves_the_bias_by_hand():
    # one movie with factors 0: the bias solves (1 + ridge) b = 2, with ridge 0.5 * 1 ** 0.2
    person = person_factors(np.zeros((1, 2), F), np.zeros(1, F), np.full(1, 2, F), CONFIG)
    assert person.tolist() == pytest.approx([0, 0, 2 / 1.5])


def test_a_movie_that_nobody_rated_is_guessed_from_its_vector():
    factors = StarFactors(np.zeros((2, 1), F), np.zeros(2, F), np.array([[2, 0], [0, 3], [1, 1]], F))
    rows, vectors = np.array([1, 0]), np.array([[9, 9], [1, 2]], F)
    found, bias = factors.of(rows, vectors)
    assert found.tolist() == [[0], [3]]  # 1 * 2 + 2 * 0 + 1
    assert bias.tolist() == [0, 7]  # 1 * 0 + 2 * 3 + 1


def test_a_rating_that_counts_half_moves_the_bias_less_by_hand():
    # weight 0.5: (0.5 + ridge) b = 0.5 * 2, with ridge 0.5 * 1 ** 0.2
    person = person_factors(np.zeros((1, 2), F), np.zeros(1, F), np.full(1, 2, F), CONFIG, np.full(1, 0.5, F))
    assert person.tolist() == pytest.approx([0, 0, 1.0])


def test_a_rating_that_does_not_count_is_as_if_not_given():
    factors, bias, stars = np.eye(2, dtype=F), np.zeros(2, F), np.array([2, -1], F)
    without = person_factors(factors[:1], bias[:1], stars[:1], CONFIG)
    ignored = person_factors(factors, bias, stars, CONFIG, np.array([1, 0], F))
    assert ignored == pytest.approx(without)


def test_ratings_tell_most_of_movies_of_their_own_kind():
    rated, asked = np.array([[2, 0]] * 3, F), np.array([[2, 0], [0, 2]], F)
    alike, other = known_share(rated, asked, CONFIG)
    assert 0 < other < alike < 1
    assert known_share(rated[:1], asked, CONFIG)[0] < alike
    assert known_share(rated[:0], asked, CONFIG).tolist() == pytest.approx([0, 0])


def test_how_much_one_rating_tells_of_its_own_movie_by_hand():
    # x = (0, 0, 1): 1 - r * x A^-1 x / x x = 1 - r / (1 + r) = 1 / (1 + r), with r = 0.5 * 1 ** 0.2
    assert known_share(np.zeros((1, 2), F), np.zeros((1, 2), F), CONFIG).tolist() == pytest.approx([1 / 1.5])
