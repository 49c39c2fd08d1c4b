import numpy as np
import pytest

from recommendations.two_tower.attention import attend, bias_matrix

F = np.float32


def mix(packed, distance_bias):
    return attend(packed, bias_matrix(distance_bias, packed.shape[1]))[0]


def test_the_first_position_sees_itself_alone():
    packed = np.random.default_rng(0).standard_normal((2, 3, 12), F)
    np.testing.assert_allclose(mix(packed, np.zeros((2, 3), F))[:, 0], packed[:, 0, 8:], atol=1e-6)


def test_equal_keys_give_the_mean_of_the_values_so_far():
    packed = np.zeros((1, 3, 6), F)
    packed[0, :, 4:] = [[3, 0], [0, 3], [6, 0]]
    np.testing.assert_allclose(mix(packed, np.zeros((1, 3), F))[0], [[3, 0], [1.5, 1.5], [3, 1]], atol=1e-6)


def test_the_distance_bias_weighs_positions():
    packed = np.zeros((1, 2, 3), F)
    packed[0, :, 2] = [4, 8]
    one_back_counts_three_times = np.array([[0, np.log(3)]], F)
    assert mix(packed, one_back_counts_three_times)[0, 1, 0] == pytest.approx((3 * 4 + 8) / 4)
