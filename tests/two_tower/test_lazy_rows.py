"""A table whose rows are trained in the steps that read them, beside Paddle's AdamW and plain averages."""

from dataclasses import replace

import numpy as np
import paddle
import pytest

from recommendations.two_tower.lazy_rows import BETA2, LazyRows
from recommendations.two_tower.network import TwoTowerNetwork
from recommendations.two_tower.train import _Training, batches_of_epoch
from recommendations.two_tower.vocabulary import UNKNOWN, Vocabulary

from .synthetic import QUICK, fans

ROWS, WIDTH, DECAY = 5, 3, 0.9
STEPS = [np.array(rows) for rows in ([0, 1, 4], [1, 2], [0, 1, 2, 3, 4], [0, 3], [0, 1])]


def table():
    paddle.seed(1)
    return LazyRows(ROWS, WIDTH, 0.5, weight_decay=0.1)


def take_step(rows, numbers, step):
    rows.read(numbers)
    (rows(paddle.to_tensor(numbers)) ** 3).sum().backward()
    rows.update(0.01, step)


def test_with_all_rows_in_every_step_it_is_adamw():
    rows = table()
    parameter = paddle.create_parameter([ROWS, WIDTH], "float32")
    parameter.set_value(rows.weight)
    adamw = paddle.optimizer.AdamW(0.01, parameters=[parameter], weight_decay=0.1, beta2=BETA2)
    for step in range(1, 6):
        take_step(rows, np.arange(ROWS), step)
        (parameter**3).sum().backward()
        adamw.step()
        adamw.clear_grad()
    np.testing.assert_allclose(rows.weight, parameter.numpy(), rtol=1e-5, atol=1e-7)


def test_a_row_that_no_step_reads_stays_as_it_is():
    rows = table()
    before = rows.weight.copy()
    take_step(rows, np.array([0, 3]), 1)
    changed = (rows.weight != before).any(axis=1)
    assert changed.tolist() == [True, False, False, True, False]


def test_rows_are_found_in_any_order_and_shape_and_their_gradients_add_up():
    rows = table()
    rows.read(np.array([1, 3, 4]))
    asked = np.array([[4, 1], [4, 3]])
    found = rows(paddle.to_tensor(asked))
    np.testing.assert_array_equal(found.numpy(), rows.weight[asked])
    found.sum().backward()
    assert rows.values.grad.numpy()[:, 0].tolist() == [1, 1, 2]


@pytest.mark.parametrize("decay", [DECAY, 0.0])
def test_the_average_is_that_of_averaging_every_row_in_every_step(decay):
    rows = table()
    average = rows.weight.copy()
    for step, numbers in enumerate(STEPS, start=1):
        take_step(rows, numbers, step)
        rows.add_to_average(decay)
        average = decay * average + (1 - decay) * rows.weight
    np.testing.assert_allclose(rows.averaged(), average, rtol=1e-5)


def training(**changed):
    return _Training(fans(), replace(QUICK, full_softmax_limit=10, negatives=8, **changed), 0, None)


def test_a_large_catalogue_has_no_parameter_as_large_as_itself():
    config = replace(QUICK, full_softmax_limit=10)
    vocabulary = Vocabulary.of(fans(), config)
    network = TwoTowerNetwork(config, vocabulary)
    assert set(network.lazy_rows) == {"movie_id.weight", "transitions.movie.weight"}
    assert set(network.lazy_rows).isdisjoint(name for name, _ in network.named_parameters())
    assert network.weights()["movie_id.weight"].shape[0] == len(vocabulary.movie_ids) + 1


def test_a_step_reads_the_movies_of_histories_targets_and_negatives_alone():
    run = training(batch_positions=64)
    _, _, batch = next(iter(batches_of_epoch(run.histories, run.config, 0, 0)))
    run.objective.loss(run.network, batch, np.random.default_rng(0)).backward()
    read = run.network.movie_id.rows
    assert np.isin([UNKNOWN, *np.unique(batch.histories.movies)], read).all()
    assert len(read) < len(run.vocabulary.movie_ids)
    before = run.network.weights()["movie_id.weight"].copy()
    run.optimizer.step(0.01, 1)
    changed = np.flatnonzero((run.network.weights()["movie_id.weight"] != before).any(axis=1))
    assert set(changed) == set(read)


def test_an_interrupted_training_of_a_large_catalogue_goes_on_where_it_was(tmp_path):
    runs = [training(), _Training(fans(), training().config, 0, tmp_path)]
    steps = list(batches_of_epoch(runs[0].histories, runs[0].config, 0, 0))[:4]
    for number, total, batch in steps:
        runs[0]._step(batch, number, total)
        runs[0].values["step"] += 1
    for number, total, batch in steps:
        if number == 2:
            runs[1].save()
            runs[1] = _Training(fans(), runs[0].config, 0, tmp_path)
            runs[1].resume()
        runs[1]._step(batch, number, total)
        runs[1].values["step"] += 1
    for name, array in runs[0].optimizer.averaged().items():
        np.testing.assert_allclose(runs[1].optimizer.averaged()[name], array, atol=1e-6, err_msg=name)
    for name, array in runs[0].network.weights().items():
        np.testing.assert_allclose(runs[1].network.weights()[name], array, atol=1e-6, err_msg=name)
