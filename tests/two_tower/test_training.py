from dataclasses import replace

import numpy as np
import pytest

from recommendations.two_tower import checkpoint
from recommendations.two_tower import train as training
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.evaluate import (
    baseline_metrics,
    evaluate,
    leave_one_out,
    movies_by_id,
)
from recommendations.two_tower.train import (
    TrainingDataTooSmall,
    TrainingStopped,
    evaluations_since_best,
    kept_evaluation,
    train,
)
from recommendations.two_tower.validation import hold_out

from .synthetic import QUICK, fans


def assert_same_weights(one, other):
    for name, array in one.weights.items():
        np.testing.assert_array_equal(array, other.weights[name], err_msg=name)


def test_the_same_seed_gives_the_same_weights(data, trained):
    assert_same_weights(train(data, QUICK, seed=7), trained)


def test_another_seed_gives_other_weights(data, trained):
    other = train(data, replace(QUICK, epochs=1), seed=8)
    assert not np.array_equal(other.weights["movie_id.weight"], trained.weights["movie_id.weight"])


@pytest.mark.parametrize("steps", [1, 5])
def test_an_interrupted_training_goes_on_to_the_same_weights(data, trained, tmp_path, steps):
    asked = iter(range(steps + 1))

    def interrupt():
        return next(asked) == steps

    with pytest.raises(TrainingStopped):
        train(data, QUICK, seed=7, checkpoint_dir=tmp_path, should_stop=interrupt)
    resumed = train(data, QUICK, seed=7, checkpoint_dir=tmp_path)
    assert_same_weights(resumed, trained)


def test_a_training_that_died_after_its_last_step_takes_none_of_them_again(
    data, trained, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(training, "fit_stars", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(data, QUICK, seed=7, checkpoint_dir=tmp_path)
    reports = []
    resumed = train(data, QUICK, seed=7, checkpoint_dir=tmp_path, on_progress=reports.append)
    assert reports == []
    assert_same_weights(resumed, trained)


def test_a_checkpoint_that_was_cut_short_is_not_used(data, trained, tmp_path):
    (tmp_path / checkpoint.NAME).touch()
    assert checkpoint.people_of_checkpoint(tmp_path) is None
    assert_same_weights(train(data, QUICK, seed=7, checkpoint_dir=tmp_path), trained)


def test_ratings_that_are_all_alike_train_too(data):
    alike = replace(data, stars=np.full(len(data), 5, np.float32))
    model = train(alike, replace(QUICK, epochs=1)).serving_model()
    stars = model.predict_stars(data.user_inputs(np.array([1]))[0], model.known_movie_ids)
    assert np.abs(stars - 5).max() < 0.1


def test_a_checkpoint_of_another_configuration_is_not_used(data, trained, tmp_path):
    with pytest.raises(TrainingStopped):
        train(data, replace(QUICK, dropout=0.5), seed=7, checkpoint_dir=tmp_path, should_stop=lambda: True)
    assert_same_weights(train(data, QUICK, seed=7, checkpoint_dir=tmp_path), trained)


def test_progress_is_reported_several_times_an_epoch(data):
    reports = []
    train(data, replace(QUICK, batch_positions=100), on_progress=reports.append)
    assert len([r for r in reports if r.epoch == 1]) >= 4
    assert reports[-1].step == reports[-1].steps
    assert reports[-1].eta_seconds == pytest.approx(0)
    assert reports[-1].metric is not None


def test_too_little_data_is_refused_with_a_clear_word(data):
    with pytest.raises(TrainingDataTooSmall, match="too few"):
        train(data.keep(np.arange(len(data)) < 20), QUICK)


def test_a_training_keeps_within_its_seconds(data):
    model = train(data, replace(QUICK, epochs=1000, max_seconds=1.0, validation_users=0))
    assert model.metrics["epochs"] < 1000


def test_a_training_without_improvement_stops_early(data):
    model = train(data, replace(QUICK, epochs=50, learning_rate=1e-9, patience=2))
    assert model.metrics["epochs"] < 50


@pytest.mark.parametrize(
    ("metrics", "kept"),
    [
        ([0.1], 0),
        ([0.1, 0.15, 0.2], 2),
        ([0.1, 0.2, 0.199], 2),  # no difference that the held-out people could show
        ([0.1, 0.2, 0.199, 0.19], 2),
        ([0.2, 0.19, 0.18], 0),
        ([0.0, 0.0], 1),
    ],
)
def test_the_latest_epoch_is_kept_that_loses_next_to_nothing_to_the_best(metrics, kept):
    log = [{"mean_ndcg@10": metric} for metric in metrics]
    assert kept_evaluation(log) is log[kept]


@pytest.mark.parametrize(
    ("metrics", "count"), [([], 0), ([0.1], 0), ([0.1, 0.2], 0), ([0.2, 0.2, 0.1], 2), ([0.3, 0.1, 0.2], 2)]
)
def test_evaluations_without_a_better_one_are_counted_from_the_best(metrics, count):
    assert evaluations_since_best([{"mean_ndcg@10": metric} for metric in metrics]) == count


def test_what_a_training_tells_of_itself_is_of_the_weights_it_kept(data):
    model = train(data, replace(QUICK, epochs=3))
    kept = kept_evaluation(model.metrics["log"])
    assert model.metrics["validation"] == kept
    _, validation = hold_out(data, replace(QUICK, epochs=3))
    assert validation.metrics(model.serving_model())["mean_ndcg@10"] == pytest.approx(kept["mean_ndcg@10"])


def test_it_beats_popularity_and_item_knn_where_users_keep_to_a_genre():
    data = fans(160)
    split = leave_one_out(data)
    model = train(split.before, replace(QUICK, epochs=8, validation_users=0), seed=1).serving_model()
    ours = evaluate(model, split, movies_by_id(data))
    baselines = baseline_metrics(split)
    assert ours["NDCG@10"] > 1.5 * baselines["popularity"]["NDCG@10"]
    assert ours["HR@10"] > 0.6  # of fifteen movies of the genre at most eight are left


def test_predicted_stars_know_which_movies_are_liked(data):
    # in this data a movie has five stars or four, whoever rates it
    model = train(data, replace(QUICK, epochs=1), seed=2).serving_model()
    user = data.user_inputs(np.array([1]))[0]
    even, odd = np.array([100, 102, 104]), np.array([101, 103, 105])
    assert model.predict_stars(user, odd).mean() > model.predict_stars(user, even).mean() + 0.3


def test_large_catalogues_train_with_sampled_negatives(data):
    sampled = replace(QUICK, full_softmax_limit=10, negatives=32, epochs=6)
    log = train(data, sampled, seed=3).metrics["log"]
    assert log[-1]["mean_ndcg@10"] > 0.5  # chance: about 0.1


def test_ratings_of_nobody_known_train_too():
    data = fans(40)
    bare = TrainingData(
        type(data.users).of(data.users.user_ids),
        [],
        data.user_ids,
        data.movie_ids,
        data.stars,
        data.timestamps,
    )
    model = train(bare, replace(QUICK, epochs=1)).serving_model()
    assert model.user_vector(bare.user_inputs(np.array([1]))[0]).shape == (256,)


def test_the_default_dimension_is_that_of_the_index():
    assert TwoTowerConfig().dimension == 256
