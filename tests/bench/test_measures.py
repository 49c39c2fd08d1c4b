import numpy as np
import pytest

from bench.baselines import by_history, recent_popularity, transitions
from bench.cold import cold_split, first_ratings
from bench.lists import list_quality
from bench.sasrec import TOWERS, equal_accuracy
from bench.segments import by_pause, by_segment
from recommendations.two_tower.baselines import popularity
from recommendations.two_tower.data import UserTable, sorted_training_data
from recommendations.two_tower.evaluate import movies_by_id, rankings
from recommendations.two_tower.splits import leave_one_out
from tests.two_tower.synthetic import fans

F = np.float32


def ratings(*histories):
    """A user for each history of movies, a second between two ratings."""
    rows = [(u, movie, t) for u, history in enumerate(histories, 1) for t, movie in enumerate(history)]
    users, movies, times = (np.array(column) for column in zip(*rows, strict=True))
    return sorted_training_data(
        UserTable.of(np.unique(users)), [], users, movies, np.full(len(rows), 4, F), times
    )


def test_recent_popularity_counts_the_last_five_ratings_of_each_user():
    data = ratings([1, 2, 3, 4, 5, 6], [1])
    user = data.user_inputs(np.array([1]))[0]
    assert recent_popularity(data, np.array([1, 2, 6]))(user).tolist() == [1, 1, 1]


def test_pauses_are_those_before_the_rating_asked_for():
    times = [(0, 1, 2, 2, 2), (0, 1, 2, 3, 63), (0, 1, 2, 3, 64), (0, 1, 2, 3, 9_999)]
    rows = [(user, movie, time) for user, row in enumerate(times, 1) for movie, time in enumerate(row)]
    users, movies, stamps = (np.array(column) for column in zip(*rows, strict=True))
    data = sorted_training_data(UserTable.of(np.unique(users)), [], users, movies, np.full(20, 4, F), stamps)
    rows = by_pause(data, leave_one_out(data), {"one": {1: [4], 2: [3, 4]}})
    assert [(row["segment"], row["users"], row["one"]["HR@10"]) for row in rows] == [
        ("in the same second", 1, 1.0),
        ("within a minute", 1, 1.0),
        ("within an hour", 1, 0.0),
        ("later", 1, 0.0),
    ]


def test_a_history_is_decayed_from_the_latest_rating():
    data = ratings([1, 2])
    weights = np.array([[0, 0, 1], [0, 0, 1], [0, 0, 0]], F)
    user = data.user_inputs(np.array([1]))[0]
    score = by_history(weights, np.array([1, 2, 3]), decay=2)(user)
    assert score[2] == pytest.approx(1 + np.exp(-1 / 2))


def test_transitions_are_shares_by_distance():
    # after 1: 2 at distance 1 and 3 at distance 2, so 1 and 1/2 of 3/2
    shares = transitions(ratings([1, 2, 3]), np.array([1, 2, 3]))
    assert shares[0].tolist() == pytest.approx([0, 2 / 3, 1 / 3])


def test_cold_users_and_movies_are_nowhere_in_what_is_trained_on():
    histories = [list(range(20)) for _ in range(20)]
    split = cold_split(ratings(*histories), 0.1, 0.0, 0)
    cold = {user.user_id for user in split.cold_users}
    assert len(cold) == 2
    assert not cold & set(split.known.user_ids.tolist())
    data = fans(80)
    split = cold_split(data, 0.0, 0.1, 0)
    held = {movie.movie_id for movie in split.cold_movies}
    assert held
    assert not held & set(split.known.movie_ids.tolist())
    assert not held & {movie.movie_id for movie in split.known.movies}
    assert set(split.later.movie_ids.tolist()) == held


def test_a_cold_user_has_no_known_id():
    user = first_ratings(ratings([3, 4, 5]).user_inputs(np.array([1]))[0], 2)
    assert user.user_id is None
    assert user.movie_ids.tolist() == [3, 4]


def test_segments_part_all_users_and_mark_small_ones():
    split = leave_one_out(fans(80))
    lists = rankings(split, popularity(split.before, split.candidates))
    rows = by_segment(split, {"popularity": lists})
    assert [(row["kind"], row["segment"], row["users"], row["few"]) for row in rows] == [
        ("gender", "F", 40, True),
        ("gender", "M", 40, True),
    ]


def test_lists_of_popularity_show_the_head():
    data = fans(80)
    split = leave_one_out(data)
    lists = rankings(split, popularity(split.before, split.candidates))
    directions = np.eye(len(split.candidates), dtype=F)
    quality = list_quality(split, lists, movies_by_id(data), directions)
    assert quality["vector diversity"] == pytest.approx(1)
    assert quality["popularity percentile"] > 0.7
    assert 0 < quality["coverage"] < 1


def test_equal_accuracy_is_at_the_lower_of_the_two_best():
    runs = {
        "SASRec": {
            "curve": [{"seconds": 10, "ndcg@10": 0.1}, {"seconds": 30, "ndcg@10": 0.2}],
            "peak_gib": 4,
        },
        TOWERS: {"curve": [{"seconds": 8, "ndcg@10": 0.15}, {"seconds": 12, "ndcg@10": 0.3}], "peak_gib": 1},
    }
    (row,) = equal_accuracy(runs)
    assert (row["seconds"], row["towers_seconds"], row["ndcg@10"]) == (30, 12, 0.2)
    assert row["memory_share"] == 0.25
