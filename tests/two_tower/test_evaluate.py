import math

import numpy as np
import pytest

from recommendations.two_tower import baselines
from recommendations.two_tower.baselines import item_knn, popularity
from recommendations.two_tower.data import UserTable, sorted_training_data
from recommendations.two_tower.evaluate import rank, rankings, score_rankings
from recommendations.two_tower.metrics import hit_rate_at_k, ndcg_at_k, recall_at_k
from recommendations.two_tower.splits import leave_one_out, temporal

from .synthetic import fans


def ratings(rows):
    """Rows of user, movie, stars, time."""
    users, movies, stars, times = (np.array(c) for c in zip(*rows, strict=True))
    table = UserTable.of(np.unique(users))
    return sorted_training_data(table, [], users, movies, stars.astype(np.float32), times)


def test_recall_divides_by_the_number_of_relevant_movies():
    assert recall_at_k([1, 2, 3], {2, 9}, 3) == 0.5


def test_hit_rate_asks_for_one_hit():
    assert hit_rate_at_k([1, 2, 3], {3}, 3) == 1
    assert hit_rate_at_k([1, 2, 3], {3}, 2) == 0


def test_ndcg_by_hand():
    # hits at places 1 and 3; best order would have them at 1 and 2
    gain, best = 1 + 1 / math.log2(4), 1 + 1 / math.log2(3)
    assert ndcg_at_k([5, 6, 7], {5, 7}, 3) == pytest.approx(gain / best)


def test_the_last_rating_is_the_test_and_ties_keep_the_stored_order():
    data = ratings([(1, movie, 3, 50) for movie in (4, 2, 9, 7, 5)] + [(2, 1, 5, 1)])
    split = leave_one_out(data)
    assert split.relevant == {1: {5}}
    assert split.before.movie_ids.tolist() == [4, 2, 9, 7, 1]
    validation = leave_one_out(data, for_validation=True)
    assert validation.relevant == {1: {7}}
    assert validation.before.movie_ids.tolist() == [4, 2, 9, 1]


def test_temporal_asks_for_new_liked_movies_of_users_with_a_history():
    early = [(1, movie, 5, movie) for movie in range(1, 13)] + [
        (2, movie, 5, 20 + movie) for movie in range(1, 7)
    ]
    late = [(1, 30, 4, 100), (2, 31, 3, 101)]  # three stars are not liked
    split = temporal(ratings(early + late))
    assert split.relevant == {1: {30}}
    assert len(split.before) == 18
    assert split.now == 100
    assert 30 not in split.candidates


def test_a_split_loses_no_rating_and_reads_nothing_after_the_cut():
    data = fans()
    split = temporal(data)
    assert split.before.timestamps.max() <= split.now
    assert len(split.before) == int(len(data) * 0.9)


def test_ties_at_the_cut_fall_by_the_stored_order():
    data = ratings([(user, movie, 5, 7) for user in (1, 2) for movie in range(5)])
    stored = np.arange(10)[::-1]
    assert temporal(data, order=stored).before.user_ids.tolist() == [1] * 4 + [2] * 5


def test_a_seen_movie_is_never_ranked():
    assert rank(np.array([3, 2, 1], np.float32), np.array([5, 6, 7]), np.array([5, 99])) == [6, 7]


def test_popularity_ranks_by_number_of_ratings():
    data = ratings([(1, 5, 4, 1), (2, 5, 4, 1), (1, 6, 4, 1)])
    user = data.user_inputs(np.array([1]))[0]
    assert popularity(data, np.array([5, 6]))(user).tolist() == [2, 1]


def test_item_knn_scores_by_shrunk_cosine():
    # 5 and 6 have two users each, both in common: 2 / (sqrt(2) sqrt(2) + 20)
    data = ratings([(1, 5, 4, 1), (1, 6, 4, 2), (2, 5, 4, 1), (2, 6, 4, 2), (3, 7, 4, 1)])
    user = ratings([(1, 5, 4, 1)]).user_inputs(np.array([1]))[0]
    assert item_knn(data, np.array([5, 6, 7]))(user) == pytest.approx([0, 2 / 22, 0])


def test_the_neighbours_are_those_of_the_movie_that_is_scored(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(baselines, "NEIGHBOURS", 1)
    near = np.array([[0, 0.5, 0.1], [0.5, 0, 0.3], [0.1, 0.3, 0]], np.float32)
    assert baselines.nearest(near) == pytest.approx(np.array([[0, 0.5, 0], [0.5, 0, 0.3], [0, 0, 0]]))


def test_a_user_without_a_ranking_counts_as_a_miss():
    assert score_rankings({1: [5]}, {1: {5}, 2: {6}})["HR@10"] == 0.5


def test_rankings_leave_out_the_history():
    data = fans()
    split = leave_one_out(data)
    ranked = rankings(split, popularity(split.before, split.candidates))
    for user in split.before.user_inputs(np.array(sorted(ranked))[:10]):
        assert not set(user.movie_ids.tolist()) & set(ranked[user.user_id])
