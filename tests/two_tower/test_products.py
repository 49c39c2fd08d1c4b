import numpy as np
import paddle
import pytest

from recommendations.two_tower.kernels import matrix_product
from recommendations.two_tower.products import product


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_product_of_any_number_of_rows_is_numpys(rows):
    generator = np.random.default_rng(rows)
    x, y = generator.standard_normal((rows, 5)), generator.standard_normal((5, 3))
    result = product(x.astype(np.float32), y.astype(np.float32))
    np.testing.assert_allclose(result, x @ y, rtol=1e-5, atol=1e-6)


def gradients(multiply, *, of_x):
    generator = np.random.default_rng(0)
    x = generator.standard_normal((6, 4)).astype(np.float32)
    x = paddle.to_tensor(x, stop_gradient=False) if of_x else x
    weight = paddle.to_tensor(generator.standard_normal((4, 3)).astype(np.float32), stop_gradient=False)
    (multiply(x, weight) ** 2).sum().backward()
    return [tensor.grad.numpy() for tensor in ((x, weight) if of_x else (weight,))]


def test_gradients_of_a_product_are_paddles():
    for ours, paddles in zip(
        gradients(matrix_product, of_x=True), gradients(paddle.matmul, of_x=True), strict=True
    ):
        np.testing.assert_allclose(ours, paddles, rtol=1e-5)


def test_a_constant_factor_wants_no_gradient():
    (to_weight,) = gradients(matrix_product, of_x=False)
    np.testing.assert_allclose(to_weight, gradients(paddle.matmul, of_x=True)[1], rtol=1e-5)
