from dataclasses import replace
from itertools import pairwise

import numpy as np

from recommendations.two_tower.batches import Histories, batches_of_epoch, epoch_batches
from recommendations.two_tower.vocabulary import Vocabulary

from .synthetic import QUICK, fans

CONFIG = replace(QUICK, history_length=5, target_share=1.0, cuts=3, batch_positions=48)


def histories():
    data = fans(8)
    return data, Histories.of(data, Vocabulary.of(data, CONFIG), CONFIG)


def test_every_rating_is_predicted_once_in_an_epoch():
    data, prepared = histories()
    pieces = np.concatenate([p for _, p in epoch_batches(prepared, CONFIG, np.random.default_rng(0))])
    covered = np.concatenate([np.arange(start, stop) for _, start, stop in pieces])
    assert sorted(covered.tolist()) == list(range(len(data)))


def test_a_token_predicts_the_rating_after_those_it_has_read():
    _, prepared = histories()
    _, _, batch = next(iter(batches_of_epoch(prepared, CONFIG, 0, 0)))
    length = batch.histories.movies.shape[1] + 1
    inner = batch.positions[batch.positions % length > 0]
    for position in inner[:10]:
        row, token = divmod(position, length)
        read = batch.histories.movies[row, token - 1]
        target = batch.next_rows[np.searchsorted(batch.positions, position)]
        place = np.flatnonzero(prepared.movies == read)
        assert target in prepared.movies[place + 1]


def test_a_cut_is_followed_by_all_that_is_liked_later():
    data, prepared = histories()
    _, _, batch = next(iter(batches_of_epoch(prepared, CONFIG, 0, 0)))
    targets = batch.cuts.targets
    shares = np.add.reduceat(targets.shares, targets.starts[:-1])
    np.testing.assert_allclose(shares, 1, rtol=1e-5)
    liked = set(prepared.movies[data.stars >= 4].tolist())
    assert set(targets.rows.tolist()) <= liked


def test_steps_do_not_depend_on_those_before_them():
    _, prepared = histories()
    all_steps = list(batches_of_epoch(prepared, CONFIG, 3, 1))
    later = list(batches_of_epoch(prepared, CONFIG, 3, 1, first=1))
    assert [number for number, _, _ in later] == [number for number, _, _ in all_steps[1:]]
    np.testing.assert_array_equal(later[0][2].cuts.targets.rows, all_steps[1][2].cuts.targets.rows)


def test_what_was_rated_before_is_hidden_and_the_target_is_not():
    _, prepared = histories()
    for _, _, batch in batches_of_epoch(prepared, CONFIG, 0, 0):
        cuts = batch.cuts.targets
        targets = [batch.next_rows[i : i + 1] for i in range(len(batch.next_rows))]
        targets += [cuts.rows[i:j] for i, j in pairwise(cuts.starts)]
        for wanted, (i, j) in zip(targets, pairwise(batch.seen.starts), strict=True):
            assert not set(wanted.tolist()) & set(batch.seen.rows[i:j].tolist())
