import numpy as np
import paddle
import pytest

from recommendations.two_tower.block import BlockRun, BlockWeights, Masks

F = np.float32
WIDTH, HEADS, HIDDEN, LONGEST = 8, 2, 12, 6


@pytest.fixture
def generator():
    return np.random.default_rng(4)


@pytest.fixture
def weights(generator):
    def draw(*shape):
        return generator.standard_normal(shape, F) * F(0.5)

    return BlockWeights(
        *(1 + draw(WIDTH), draw(WIDTH), draw(WIDTH, 3 * WIDTH), draw(3 * WIDTH), draw(HEADS, LONGEST)),
        *(draw(WIDTH, WIDTH), draw(WIDTH), 1 + draw(WIDTH), draw(WIDTH)),
        *(draw(WIDTH, HIDDEN), draw(HIDDEN), draw(HIDDEN, WIDTH), draw(WIDTH)),
    )


def masks(generator, shape):
    drawn = [np.frombuffer(generator.bytes(int(np.prod(shape))), np.uint8).reshape(shape) for _ in range(2)]
    return Masks(*drawn, 0.25)


@pytest.mark.parametrize("name", ["x", *BlockWeights._fields])
def test_gradients_agree_with_differences(generator, weights, name):
    x = generator.standard_normal((3, 5, WIDTH), F)
    outer = generator.standard_normal(x.shape, F)
    dropped = masks(generator, x.shape)

    def value():
        return (BlockRun(x, weights, dropped).result * outer).sum(dtype=np.float64)

    inner, found = BlockRun(x, weights, dropped).gradients(outer)
    array, gradient = (x, inner) if name == "x" else (getattr(weights, name), getattr(found, name))
    place = tuple(generator.integers(0, size) for size in array.shape)
    if name == "distance_bias":
        place = (1, 2)
    kept = array[place]
    array[place] = kept + F(0.01)
    above = value()
    array[place] = kept - F(0.01)
    below = value()
    assert gradient[place] == pytest.approx((above - below) / 0.02, abs=2e-2, rel=2e-2)


def test_it_is_what_paddle_computes(generator, weights):
    x = generator.standard_normal((2, 4, WIDTH), F)
    w = BlockWeights(*(paddle.to_tensor(weight) for weight in weights))
    functional = paddle.nn.functional
    normed = functional.layer_norm(
        paddle.to_tensor(x), [WIDTH], w.attention_norm_weight, w.attention_norm_bias
    )
    packed = (normed @ w.packed_weight + w.packed_bias).reshape([2, 4, 3, HEADS, WIDTH // HEADS])
    queries, keys, values = (packed[:, :, i].transpose([0, 2, 1, 3]) for i in range(3))
    distances = np.subtract.outer(np.arange(4), np.arange(4))
    bias = np.where(distances < 0, -1e9, weights.distance_bias[:, np.maximum(distances, 0)]).astype(F)
    scores = queries @ keys.transpose([0, 1, 3, 2]) / (WIDTH // HEADS) ** 0.5 + paddle.to_tensor(bias)
    mixed = (functional.softmax(scores) @ values).transpose([0, 2, 1, 3]).reshape([2, 4, WIDTH])
    middle = paddle.to_tensor(x) + mixed @ w.mixed_weight + w.mixed_bias
    normed = functional.layer_norm(middle, [WIDTH], w.perceptron_norm_weight, w.perceptron_norm_bias)
    expected = middle + functional.relu(normed @ w.up_weight + w.up_bias) @ w.down_weight + w.down_bias
    np.testing.assert_allclose(BlockRun(x, weights, None).result, expected.numpy(), atol=1e-5)


def test_groups_do_not_change_the_result(generator, weights, monkeypatch):
    x = generator.standard_normal((7, 4, WIDTH), F)
    whole = BlockRun(x, weights, None)
    monkeypatch.setattr("recommendations.two_tower.block.GROUP_POSITIONS", 8)
    pieces = BlockRun(x, weights, None)
    np.testing.assert_allclose(pieces.result, whole.result, atol=1e-5)
    outer = np.ones_like(x)
    for one, other in zip(whole.gradients(outer)[1], pieces.gradients(outer)[1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3, rtol=1e-4)
