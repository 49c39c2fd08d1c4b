from dataclasses import replace

import numpy as np
import paddle
import pytest

from recommendations.two_tower.muon import HiddenMatrix, Muon, orthogonalised
from recommendations.two_tower.network import TwoTowerNetwork
from recommendations.two_tower.optimizer import Optimizer
from recommendations.two_tower.vocabulary import Vocabulary

from .synthetic import QUICK, fans


def parameter(values, gradient=None):
    tensor = paddle.create_parameter(list(values.shape), "float32")
    tensor.set_value(values)
    if gradient is not None:
        (tensor * paddle.to_tensor(gradient)).sum().backward()
    return tensor


def random(rows, columns):
    return np.random.default_rng(3).standard_normal((rows, columns)).astype(np.float32)


@pytest.mark.parametrize("shape", [(6, 6), (4, 9), (9, 4)])
def test_directions_of_a_matrix_are_kept_and_their_strengths_evened_out(shape):
    left, strengths, right = np.linalg.svd(random(*shape), full_matrices=False)
    uneven = left * np.geomspace(1, 0.01, len(strengths), dtype=np.float32) @ right
    evened = left.T @ orthogonalised(uneven) @ right.T
    assert np.abs(evened - np.diag(evened.diagonal())).max() < 0.05
    assert evened.diagonal() == pytest.approx(np.ones(len(strengths)), abs=0.35)


def test_a_step_is_as_long_as_two_of_adamw():
    start, gradient = np.zeros((8, 32), np.float32), random(8, 32)
    matrix = parameter(start, gradient)
    Muon({"m": HiddenMatrix(matrix)}, weight_decay=0.0).step(0.01)
    assert np.sqrt(np.mean(matrix.numpy() ** 2)) == pytest.approx(0.01 * 0.4, rel=0.2)
    assert np.vdot(matrix.numpy(), gradient) < 0  # downhill


def test_matrices_side_by_side_are_as_if_apart():
    gradient, start = random(4, 12), random(4, 12) + 1
    together = parameter(start, gradient)
    Muon({"m": HiddenMatrix(together, 3)}, 0.1).step(0.1)
    for part in (slice(i, i + 4) for i in (0, 4, 8)):
        alone = parameter(start[:, part], gradient[:, part])
        Muon({"m": HiddenMatrix(alone)}, 0.1).step(0.1)
        np.testing.assert_allclose(together.numpy()[:, part], alone.numpy(), atol=1e-6)


def test_a_matrix_without_a_gradient_stays_as_it_is():
    matrix = parameter(random(4, 4))
    Muon({"m": HiddenMatrix(matrix)}, 0.1).step(0.1)
    np.testing.assert_array_equal(matrix.numpy(), random(4, 4))


def test_each_weight_of_the_towers_is_moved_by_one_optimizer():
    network = TwoTowerNetwork(QUICK, Vocabulary.of(fans(), QUICK))
    names = set(network.hidden_matrices())
    assert {"movie_input.weight", "blocks.0.packed.weight", "heads.next.out.weight"} <= names
    assert not names & {"movie_id.weight", "content.weight", "start", "blocks.0.distance_bias"}
    for muon, moved in ((True, names), (False, set())):
        optimizer = Optimizer(network, replace(QUICK, muon=muon))
        assert set(optimizer.muon.matrices) == moved
        assert len(optimizer.adamw._parameter_list) == len(network.parameters()) - len(moved)
