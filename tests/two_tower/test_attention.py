import numpy as np
import pytest

from recommendations.two_tower.attention import causal_attention, causal_attention_gradients

F = np.float32


def test_the_first_position_sees_itself_alone():
    packed = np.random.default_rng(0).standard_normal((1, 3, 12), F)
    mixed, _ = causal_attention(packed, np.zeros((2, 3), F))
    np.testing.assert_allclose(mixed[0, 0], packed[0, 0, 8:], atol=1e-6)


def test_equal_keys_give_the_mean_of_the_values_so_far():
    packed = np.zeros((1, 3, 6), F)
    packed[0, :, 4:] = [[3, 0], [0, 3], [6, 0]]
    mixed, _ = causal_attention(packed, np.zeros((1, 3), F))
    np.testing.assert_allclose(mixed[0], [[3, 0], [1.5, 1.5], [3, 1]], atol=1e-6)


def test_the_distance_bias_weighs_positions():
    packed = np.zeros((1, 2, 3), F)
    packed[0, :, 2] = [4, 8]
    mixed, _ = causal_attention(packed, np.array([[0, np.log(3)]], F))  # one back counts three times
    assert mixed[0, 1, 0] == pytest.approx((3 * 4 + 8) / 4)


@pytest.mark.parametrize("place", [(0, 1, 0), (0, 2, 5), (1, 0, 9), (1, 3, 11)])
def test_gradients_agree_with_differences(place):
    generator = np.random.default_rng(5)
    packed, bias = generator.standard_normal((2, 4, 12), F), generator.standard_normal((2, 6), F)
    outer = generator.standard_normal((2, 4, 4), F)
    mixed, probabilities = causal_attention(packed, bias)
    gradients = causal_attention_gradients(packed, mixed, probabilities, outer, 6)

    def change(array, where):
        step = F(1e-2)
        array[where] += step
        above = (causal_attention(packed, bias)[0] * outer).sum(dtype=np.float64)
        array[where] -= 2 * step
        below = (causal_attention(packed, bias)[0] * outer).sum(dtype=np.float64)
        array[where] += step
        return (above - below) / 0.02

    assert gradients.queries_keys_values[place] == pytest.approx(change(packed, place), abs=3e-3)
    assert gradients.distance_bias[1, 2] == pytest.approx(change(bias, (1, 2)), abs=3e-3)
