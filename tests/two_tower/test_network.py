from dataclasses import replace

import numpy as np
import paddle
import pytest

from recommendations.two_tower.config import Horizon
from recommendations.two_tower.features import HistoryBatch, content_width
from recommendations.two_tower.network import Transitions, TwoTowerNetwork
from recommendations.two_tower.trends import TREND_DIMENSIONS
from recommendations.two_tower.vocabulary import Vocabulary

from .synthetic import QUICK, fans


@pytest.fixture(scope="module")
def network():
    paddle.seed(3)
    vocabulary = Vocabulary.of(fans(), QUICK)
    return TwoTowerNetwork(QUICK, vocabulary), len(vocabulary.movie_ids), content_width(vocabulary)


def states(network, movies):
    table = movie_table(network)
    filler = np.ones_like(movies)
    batch = HistoryBatch(np.zeros((len(movies), 5), np.int64), movies, filler, filler)
    return network[0].states(batch, table, movies).numpy()


def movie_table(network):
    towers, count, width = network
    return towers.movie_table(np.zeros((count + 1, width), np.float32), np.arange(count + 1))


def test_a_later_rating_changes_no_earlier_state(network):
    before = states(network, np.array([[1, 2, 3, 4]]))
    after = states(network, np.array([[1, 2, 3, 9]]))
    np.testing.assert_array_equal(before[0, :4], after[0, :4])
    assert not np.allclose(before[0, 4], after[0, 4])


def test_the_order_of_the_history_matters(network):
    assert not np.allclose(
        states(network, np.array([[1, 2]]))[0, -1], states(network, np.array([[2, 1]]))[0, -1]
    )


def test_the_horizons_ask_different_questions(network):
    state = paddle.to_tensor(states(network, np.array([[1, 2]]))[0, -1:])
    following = network[0].user_vectors(state, Horizon.NEXT).numpy()
    weeks = network[0].user_vectors(state, Horizon.WEEKS, np.array([3])).numpy()
    assert following.shape == (1, 256 - TREND_DIMENSIONS)
    assert weeks.shape == (1, 256)
    assert not np.allclose(following, weeks[:, :-TREND_DIMENSIONS])


def test_every_parameter_learns_something():
    from recommendations.two_tower.train import _Training, batches_of_epoch

    training = _Training(fans(), QUICK, 0, None)
    _, _, batch = next(iter(batches_of_epoch(training.histories, QUICK, 0, 0)))
    training.objective.loss(training.network, batch, np.random.default_rng(0)).backward()
    idle = [n for n, p in training.network.named_parameters() if p.grad is None]
    assert idle == []


def test_the_two_sides_of_the_next_horizon_meet_like_its_vectors(network):
    towers, table = network[0], movie_table(network)
    asked = paddle.to_tensor(states(network, np.array([[1, 2, 3]]))[0])
    people, films = towers.next_sides(asked, table)
    vectors = towers.user_vectors(asked, Horizon.NEXT).numpy()
    np.testing.assert_allclose(people.numpy() @ films.numpy().T, vectors @ table.numpy().T, atol=1e-5)


def test_transitions_are_a_sum_of_the_latest_movies_by_distance():
    transitions = Transitions(replace(QUICK, transition_window=2), 4)
    movies = np.array([[1, 2, 3]])
    result = transitions(movies, None).numpy()[0]
    one, two, three = transitions.movie.weight.numpy()[1:]
    assert not result[0].any()  # nothing is rated yet
    # the first share is 1, the second 1 / 2, and nothing beyond the window
    np.testing.assert_allclose(result[1:], [one, two + one / 2, three + two / 2], rtol=1e-6)


def test_the_coming_weeks_do_not_hang_on_the_latest_few_ratings(network):
    state = paddle.to_tensor(states(network, np.array([[1, 2]]))[0, -1:])
    other = state.clone()
    other[:, QUICK.width :] = 0
    vectors = [
        [network[0].user_vectors(s, horizon, np.array([3])).numpy() for s in (state, other)]
        for horizon in (Horizon.NEXT, Horizon.WEEKS)
    ]
    assert not np.allclose(*vectors[0])
    np.testing.assert_array_equal(*vectors[1])
