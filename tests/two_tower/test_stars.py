import numpy as np
import pytest

from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.star_fit import fit_stars
from recommendations.two_tower.stars import Person, StarFactors, person_of, relative_noise, watched

F = np.float32
CONFIG = TwoTowerConfig(star_dimension=2, star_iterations=15)


def ratings(users=80, movies=40, seed=0):
    """Stars that are a mean, biases and one taste, exactly; each user rates half of the movies."""
    generator = np.random.default_rng(seed)
    taste, kind = generator.choice([-1, 1], users), generator.choice([-1, 1], movies + 1)
    user_rows, movie_rows = np.nonzero(generator.random((users, movies)) < 0.5)
    movie_rows += 1
    stars = 3 + taste[user_rows] * kind[movie_rows] + 0.5 * (movie_rows % 2)
    return user_rows, movie_rows, stars.astype(F), taste, kind


def fitted(seed=0):
    users, movies, stars, _, _ = ratings()
    vectors = np.random.default_rng(1).standard_normal((41, 4)).astype(F)
    return fit_stars(users, movies, stars, vectors, CONFIG, seed)


def one_movie(*, factors=(1.0,), variance=0.0, noise=1.0, expected=((0.0,), (0.0,))):
    """Star factors in which row 1 is the only movie."""
    k = len(factors)
    return StarFactors(
        np.array([[0] * k, factors], F),
        np.zeros(2, F),
        np.array([[0] * (k + 1), [variance] * k + [0]], F),
        np.array([1, noise], F),
        np.array([[0], [1]], F),
        np.array(expected, F),
        np.zeros((2, k + 1), F),
    )


def test_a_taste_is_found():
    users, movies, stars, taste, kind = ratings()
    found, mine = fitted(), users == 5
    rows = movies[mine]
    person = person_of(found, rows, stars[mine] - stars.mean())
    others = np.setdiff1d(np.arange(1, 41), rows)
    predicted = stars.mean() + found.bias[others] + found.factors[others] @ person.factors
    expected = 3 + taste[5] * kind[others] + 0.5 * (others % 2)
    assert np.abs(predicted - expected).mean() < 0.25


def test_the_same_seed_gives_the_same_factors():
    for one, other in zip(fitted(), fitted(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_movie_without_ratings_has_the_bias_that_its_vector_lets_one_guess():
    users, movies, stars, _, _ = ratings()
    vectors = np.zeros((42, 1), F)  # row 41 is a movie that nobody rated
    found = fit_stars(users, movies, stars, vectors, CONFIG, 0)
    assert found.bias[41] == pytest.approx(found.bias[1:41].mean(), abs=0.1)
    assert found.noise[41] > 0
    assert not found.factors[0].any()


def test_a_person_without_ratings_has_the_taste_that_is_expected_of_everybody():
    person = person_of(one_movie(expected=((5.0,), (0.5,))), np.zeros(0, np.int64), np.zeros(0, F))
    assert person.factors.tolist() == [0.5]
    assert person.covariance.tolist() == [[1]]


def test_one_rating_moves_the_taste_by_hand():
    # prior N(0, 1), one rating of 2 with factor 1. Noise 1 at first: precision 1 + 1, factor 2 / 2 = 1;
    # the squared error is (2 - 1)^2 + 1/2 = 1.5, so the steadiness (1.5 + 10) / (1 + 10), and so on
    noise, factor = 1.0, 1.0
    for _ in range(2):
        noise = float(relative_noise((2 - factor) ** 2 + 1 / (1 + 1 / noise), 1))
        factor = 2 / noise / (1 + 1 / noise)
    person = person_of(one_movie(), np.array([1]), np.array([2], F))
    assert person.factors[0] == pytest.approx(factor, rel=1e-5)


def test_a_movie_of_which_little_is_known_moves_the_taste_less():
    sure, unsure = (
        person_of(one_movie(variance=variance), np.array([1]), np.array([2], F)).factors[0]
        for variance in (0.0, 2.0)
    )
    assert 0 < unsure < sure


def test_a_rating_that_counts_nothing_changes_nothing():
    stars, rows, centred = one_movie(), np.array([1, 1]), np.array([2, -2], F)
    weighted = person_of(stars, rows, centred, np.array([1, 0], F))
    alone = person_of(stars, rows[:1], centred[:1])
    np.testing.assert_allclose(weighted.factors, alone.factors, rtol=1e-5)


def test_having_rated_a_movie_moves_what_is_expected():
    # one movie with co-rating factor 1: watched is (1, 1), so 3 + 0.5 is expected, and stars that are nearly
    # all noise leave it there
    person = person_of(one_movie(noise=1e6, expected=((3.0,), (0.5,))), np.array([1]), np.zeros(1, F))
    assert person.factors[0] == pytest.approx(3.5, rel=1e-3)


def test_watched_movies_are_summed_over_the_root_of_their_number():
    assert watched(np.ones((4, 2), F), np.ones(4, F)).tolist() == [2, 2, 1]


def test_the_known_share_grows_in_the_direction_of_what_was_rated():
    person = Person(np.zeros(2, F), np.array([[0.25, 0], [0, 1]], F))
    assert person.known_share(np.array([[2, 0], [0, 3], [0, 0]], F)).tolist() == [0.75, 0, 0]


def test_a_movie_that_nobody_rated_is_guessed_from_its_vector():
    stars = one_movie()._replace(from_vector=np.array([[2, 0], [0, 3], [1, 1]], F))
    found, bias = stars.of(np.array([1, 0]), np.array([[9, 9], [1, 2]], F))
    assert found.tolist() == [[1], [3]]  # 1 * 2 + 2 * 0 + 1
    assert bias.tolist() == [0, 7]  # 1 * 0 + 2 * 3 + 1
