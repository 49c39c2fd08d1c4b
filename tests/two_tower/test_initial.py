import numpy as np
import pytest

from recommendations.two_tower import initial
from recommendations.two_tower.initial import initial_vectors


def vectors_of(histories, rows):
    stops = np.cumsum([len(history) for history in histories])
    starts = np.concatenate([[0], stops[:-1]])
    return initial_vectors(starts, stops, np.concatenate(histories), rows, 8, 0.05, 0)


def test_movies_rated_together_start_close():
    generator = np.random.default_rng(0)
    groups = [np.arange(1, 11), np.arange(11, 21)]
    histories = [generator.permutation(groups[user % 2])[:6] for user in range(60)]
    vectors = vectors_of(histories, 21)
    products = vectors[1:] @ vectors[1:].T
    assert products[:10, :10].mean() > products[:10, 10:].mean() + 0.005


def test_starting_values_have_the_size_asked_for():
    generator = np.random.default_rng(1)
    vectors = vectors_of([generator.permutation(np.arange(1, 41))[:20] for _ in range(50)], 41)
    assert 0.02 < vectors.std() < 0.08
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("block_users", [1, 4, 100])
def test_movies_in_a_row_are_counted_by_closeness_however_many_people_at_a_time(monkeypatch, block_users):
    monkeypatch.setattr(initial, "BLOCK_USERS", block_users)
    generator = np.random.default_rng(2)
    histories = [generator.integers(-1, 5, size) for size in (1, 2, 3, 12, 30, 1, 17)]  # -1: too rare
    expected = np.zeros((5, 5))
    for history in histories:
        for i, before in enumerate(history):
            for distance, after in enumerate(history[i + 1 : i + 1 + initial.WINDOW], start=1):
                if before >= 0 and after >= 0:
                    expected[before, after] += 1 / distance
    stops = np.cumsum([len(history) for history in histories])
    starts = np.concatenate([[0], stops[:-1]])
    counted = initial._in_a_row(starts, stops, np.concatenate(histories), 5)
    np.testing.assert_allclose(counted, expected + expected.T, rtol=1e-5)


def test_a_movie_that_nobody_rated_still_starts_somewhere():
    vectors = vectors_of([np.array([1, 2, 3]), np.array([2, 3])], 6)
    assert vectors[5].any()


def test_matrices_are_the_same_in_however_many_parts_they_are_computed(monkeypatch):
    generator = np.random.default_rng(3)
    histories = [generator.permutation(np.arange(1, 41))[:20] for _ in range(50)]
    whole = vectors_of(histories, 41)
    monkeypatch.setattr(initial, "PRODUCT_ROWS", 7)
    np.testing.assert_allclose(vectors_of(histories, 41), whole, atol=1e-5)
