from dataclasses import replace

import numpy as np
import pytest

from recommendations.two_tower.batches import Histories, batches_of_epoch
from recommendations.two_tower.data import TrainingData, UserTable, blocks, narrow, occurrences, places_in
from recommendations.two_tower.vocabulary import Vocabulary

from .synthetic import QUICK, fans

BEYOND_32_BITS = 2**40


def with_large_ids(data: TrainingData) -> TrainingData:
    """The same ratings, of other users and movies, some centuries later."""
    users = UserTable(**{**vars(data.users), "user_ids": data.users.user_ids + BEYOND_32_BITS})
    movies = [replace(movie, movie_id=movie.movie_id + BEYOND_32_BITS) for movie in data.movies]
    columns = (data.user_ids, data.movie_ids, data.timestamps)
    user_ids, movie_ids, timestamps = (column.astype(np.int64) + BEYOND_32_BITS for column in columns)
    return TrainingData(users, movies, user_ids, movie_ids, data.stars, timestamps)


def test_a_rating_takes_16_bytes():
    data = fans()
    columns = (data.user_ids, data.movie_ids, data.stars, data.timestamps)
    assert sum(column.nbytes for column in columns) == 16 * len(data)


def test_ids_and_times_beyond_32_bits_give_the_same_steps():
    small, large = fans(), with_large_ids(fans())
    assert (small.timestamps.dtype, large.timestamps.dtype) == (np.int32, np.int64)
    steps = []
    for data in (small, large):
        config = replace(QUICK, user_id_limit=0)
        histories = Histories.of(data, Vocabulary.of(data, config), config)
        batch = next(batches_of_epoch(histories, config, seed=1, epoch=0))[2]
        steps.append([*batch.histories[1:], batch.next_rows, batch.cuts.gaps, batch.cuts.targets.rows])
    for of_small, of_large in zip(*steps, strict=True):
        np.testing.assert_array_equal(of_small, of_large)


@pytest.mark.parametrize("column", [[0, 2**31], [-1, 5]])
def test_numbers_whose_differences_might_not_fit_keep_64_bits(column):
    assert narrow(np.array(column, np.int64)).dtype == np.int64


def test_the_largest_number_of_32_bits_fits_and_nothing_has_32_bits_as_well():
    assert narrow(np.array([0, 2**31 - 1], np.int64)).tolist() == [0, 2**31 - 1]
    assert [narrow(np.array(column, np.int64)).dtype for column in ([], [2**31 - 1])] == [np.int32] * 2


def test_users_without_ratings_have_an_empty_history_wherever_their_ids_lie():
    data = fans(6)
    data.users.user_ids = np.array([1, 2, 3, 4, 5, 99])  # instead of 6, whose ratings stay
    found = {user.user_id: len(user.movie_ids) for user in data.each_user(np.array([99, 2]))}
    assert found == {99: 0, 2: np.count_nonzero(data.user_ids == 2)}


def test_nobody_rated_anything():
    data = fans(6)
    nothing = data.keep(np.zeros(len(data), bool))
    assert [len(bound) for bound in nothing.bounds()] == [0, 0, 0]
    assert len(nothing.user_inputs(np.array([1]))[0].movie_ids) == 0


def test_blocks_cover_everything_once():
    assert [np.arange(7)[block].tolist() for block in blocks(7, 3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(blocks(0, 3)) == []


def test_occurrences_are_counted_over_all_blocks():
    rows = np.array([0, 2, 2] * 50_000, np.int32)
    assert occurrences(rows, 4).tolist() == [50_000, 0, 100_000, 0]


def test_places_are_found_in_a_column_of_fewer_bits():
    assert places_in(np.array([1, 3, 3, 7], np.int32), np.array([0, 3, 8])).tolist() == [0, 1, 4]
