"""A new model beside popularity and the live one, and the interval of their difference."""

import numpy as np
import pytest

from recommendations.two_tower.bootstrap import intervals_of_means, mean_of_questions, paired_interval
from recommendations.two_tower.comparison import CUTOFFS, compare
from recommendations.two_tower.validation import SMALLEST_HISTORY, hold_out

from .synthetic import QUICK, fans

NAN = np.nan


def test_the_mean_is_that_of_the_questions_means():
    scores = np.array([[1.0, 0.5], [0.0, NAN]], np.float32)
    assert mean_of_questions(scores) == pytest.approx((0.5 + 0.5) / 2)
    assert mean_of_questions(np.array([[0.4, NAN]], np.float32)) == pytest.approx(0.2)


def test_the_interval_of_many_users_is_that_of_the_normal_distribution():
    generator = np.random.default_rng(1)
    difference = generator.normal(0.1, 1.0, (1000, 1))
    interval = paired_interval(difference, np.zeros_like(difference))
    error = 1.96 * difference.std() / len(difference) ** 0.5
    assert interval.mean == pytest.approx(difference.mean())
    assert interval.low == pytest.approx(interval.mean - error, abs=0.01)
    assert interval.high == pytest.approx(interval.mean + error, abs=0.01)


def test_intervals_of_means_are_those_of_their_columns():
    scores = np.random.default_rng(2).random((400, 3)).astype(np.float32)
    alone = [paired_interval(scores[:, [i]], np.zeros((400, 1))) for i in range(3)]
    for own, other in zip(intervals_of_means(scores), alone, strict=True):
        assert own == pytest.approx(other)
    assert intervals_of_means(np.zeros((0, 2), np.float32)) == [(0, 0, 0)] * 2


def test_a_difference_that_all_users_share_has_no_width_however_much_they_differ():
    other = np.random.default_rng(0).random((50, 2)).astype(np.float32)
    assert paired_interval(other + 0.25, other) == pytest.approx((0.25, 0.25, 0.25))


def test_the_interval_is_the_same_each_time():
    own, other = np.random.default_rng(0).random((2, 40, 2))
    assert paired_interval(own, other) == paired_interval(own, other)


def test_a_model_is_compared_on_the_same_users_over_k_and_by_segment(trained, data):
    model = trained.serving_model()
    comparison = compare(data, QUICK, model, model)
    held_out = comparison.held_out
    assert held_out["ndcg@10"] == pytest.approx(trained.metrics["validation"]["mean_ndcg@10"])
    assert held_out["differences"]["live"] == {"mean": 0, "low": 0, "high": 0}
    assert held_out["differences"]["popularity"]["low"] > 0
    rows = comparison.quality["over_k"]
    assert len(rows) == 2 * 3 * 3
    for row in rows:
        assert len(row["values"]) == len(CUTOFFS)
        for low, value, high in zip(row["lows"], row["values"], row["highs"], strict=True):
            assert 0 <= low <= value <= high <= 1
        if row["metric"] != "nDCG":
            assert row["values"] == sorted(row["values"])
    own = {(r["horizon"], r["metric"]): r["values"] for r in rows if r["model"] == "model"}
    at_10 = [own[horizon, "nDCG"][CUTOFFS.index(10)] for horizon in ("next", "weeks")]
    assert np.mean(at_10) == pytest.approx(held_out["ndcg@10"], abs=1e-4)
    assert own["next", "HR"] == own["next", "recall"]
    assert {row["kind"] for row in comparison.quality["segments"]} == {"gender"}
    assert sum(row["users"] for row in comparison.quality["segments"]) == held_out["users"]


def test_metrics_of_each_user_are_kept_without_telling_who_is_who(trained, data):
    model = trained.serving_model()
    comparison = compare(data, QUICK, model, None)
    pairs = comparison.per_user["model"]
    assert set(comparison.per_user) == {"model", "popularity"}
    scores = np.array(pairs, float)
    assert mean_of_questions(scores) == pytest.approx(comparison.held_out["ndcg@10"], abs=1e-4)
    _trained, validation = hold_out(data, QUICK)
    assert not np.allclose(scores, validation.scores(validation.answers(model)), equal_nan=True)


def test_nobody_who_was_trained_on_is_held_out_when_others_come_or_go():
    few, many = fans(60), fans(200)
    for one, other in ((few, many), (many, few)):
        held = [{q.user.user_id for q in hold_out(d, QUICK)[1].questions} for d in (one, other)]
        shared = set(one.user_ids.tolist()) & set(other.user_ids.tolist())
        fit = {u for u in shared if all((d.user_ids == u).sum() >= SMALLEST_HISTORY for d in (one, other))}
        smaller, larger = sorted((held[0] & fit, held[1] & fit), key=len)
        assert smaller <= larger
