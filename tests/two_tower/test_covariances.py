import numpy as np
import pytest

from recommendations.two_tower import covariances
from recommendations.two_tower.covariances import Covariances

K = 3


@pytest.fixture
def matrices(monkeypatch):
    """More of them than are read at a time."""
    monkeypatch.setattr(covariances, "BLOCK", 4)
    roots = np.random.default_rng(0).standard_normal((10, K, K))
    return (roots @ roots.transpose(0, 2, 1)).astype(np.float32)


def held(matrices):
    kept = Covariances(len(matrices), K)
    for i, matrix in enumerate(matrices):
        kept[i] = matrix
    return kept


def test_a_matrix_comes_back_as_it_was(matrices):
    np.testing.assert_array_equal([held(matrices)[i] for i in range(len(matrices))], matrices)


def test_their_mean(matrices):
    np.testing.assert_allclose(held(matrices).mean(), matrices.mean(axis=0), rtol=1e-5)


def test_a_weighted_sum_of_some(matrices):
    chosen, weights = np.array([9, 0, 3, 4, 8, 1], np.int32), np.arange(6, dtype=np.float32)
    expected = (matrices[chosen] * weights[:, None, None]).sum(axis=0)
    np.testing.assert_allclose(held(matrices).weighted_sum(weights, chosen), expected, rtol=1e-5)


def test_no_matrices_add_up_to_zero(matrices):
    nothing = held(matrices).weighted_sum(np.zeros(0, np.float32), np.zeros(0, np.int32))
    assert not nothing.any()


def test_a_turn_of_all(matrices):
    turn = np.random.default_rng(1).standard_normal((K, K)).astype(np.float32)
    kept = held(matrices)
    kept.turn(turn)
    expected = [turn @ matrix @ turn.T for matrix in matrices]
    np.testing.assert_allclose([kept[i] for i in range(len(matrices))], expected, rtol=1e-4, atol=1e-5)
