import gc
import time
import weakref
from dataclasses import replace
from unittest import mock

import numpy as np

from recommendations.two_tower.config import Horizon, TwoTowerConfig
from recommendations.two_tower.data import MovieInput, UserInput
from recommendations.two_tower.features import content_width, history_batch, movie_content, now_gap_row
from recommendations.two_tower.network import TwoTowerNetwork
from recommendations.two_tower.serving_model import CENTRE
from recommendations.two_tower.train import train
from recommendations.two_tower.trends import TREND_DIMENSIONS
from recommendations.two_tower.user_tower import UserTower

from .synthetic import GENRES, QUICK, movies


def network_of(model):
    network = TwoTowerNetwork(model.config, model.vocabulary)
    network.load(model.weights)
    content = np.zeros((len(model.vocabulary.movie_ids) + 1, content_width(model.vocabulary)), np.float32)
    by_id = {movie.movie_id: movie for movie in movies()}
    content[1:] = movie_content([by_id[i] for i in model.vocabulary.movie_ids], model.vocabulary)
    return network, network.movie_table(content, np.arange(len(content)))


def user_with(count, **known):
    return UserInput(
        movie_ids=np.arange(100, 100 + count),
        stars=np.full(count, 4.5, np.float32),
        timestamps=np.arange(count, dtype=np.int64) * 3600,
        **known,
    )


def test_serving_and_training_vectors_agree(data, trained):
    model = trained.serving_model()
    network, table = network_of(trained)
    unknown = model.user_vector(UserInput(), now=10**9)
    for user in [*data.user_inputs(np.array([1, 2, 3])), UserInput(), user_with(40, user_id=5, gender="F")]:
        batch = history_batch(user, model.vocabulary, model.config.history_length)
        state = network.states(batch, table, batch.movies)[:, -1]
        gap = np.array([now_gap_row(user.timestamps, 10**9)])
        weeks = network.user_vectors(state, Horizon.WEEKS, gap).numpy()[0]
        weeks += 0.2 * (unknown - weeks)
        following = np.zeros(256, np.float32)
        following[:-TREND_DIMENSIONS] = network.user_vectors(state, Horizon.NEXT).numpy()[0]
        np.testing.assert_allclose(model.user_vector(user, now=10**9), weeks, atol=1e-5)
        np.testing.assert_allclose(model.user_vector(user, horizon=Horizon.NEXT), following, atol=1e-5)
    moved = table.numpy()[1:] - model.weights[CENTRE][:-TREND_DIMENSIONS]
    np.testing.assert_allclose(model.matrix[:, :-TREND_DIMENSIONS], moved, atol=1e-5)


def test_the_vectors_of_a_catalogue_have_a_mean_of_zero_whether_rated_or_not(data):
    unrated = [MovieInput(9_000 + i, "New", 1950 + i % 60, ("new",) * (i % 2)) for i in range(25_000)]
    catalogue = replace(data, movies=[*data.movies, *unrated])
    model = train(catalogue, QUICK, seed=7).serving_model()
    vectors = model.movie_vectors(catalogue.movies)
    np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=1e-5)
    assert np.abs(model.matrix.mean(axis=0)).max() > 0.01


def test_a_stored_movie_has_the_vector_that_its_id_and_features_give(trained):
    model = trained.serving_model()
    known = [movie for movie in movies() if movie.movie_id in set(model.known_movie_ids.tolist())]
    stored, found = model.stored_vectors(np.array([movie.movie_id for movie in known]))
    assert found.all()
    np.testing.assert_allclose(model.movie_vectors(known), stored, atol=1e-6)


def test_a_person_of_whom_nothing_is_known_gets_a_vector(trained):
    vector = trained.serving_model().user_vector(UserInput())
    assert vector.shape == (256,)
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()


def test_what_is_liked_in_weeks_is_shrunk_towards_everybodys_taste_and_what_is_next_is_not(trained):
    def vectors(user, horizon):
        models = (replace(trained, config=replace(trained.config, shrinkage=share)) for share in (0, 0.25))
        return [model.serving_model().user_vector(user, horizon=horizon, now=9999) for model in models]

    known, everybody = user_with(4, gender="F"), UserInput()
    own, shrunk = vectors(known, Horizon.WEEKS)
    common, same = vectors(everybody, Horizon.WEEKS)
    assert not np.allclose(own, common)
    np.testing.assert_allclose(shrunk, 0.75 * own + 0.25 * common, atol=1e-5)
    np.testing.assert_array_equal(common, same)
    np.testing.assert_array_equal(*vectors(known, Horizon.NEXT))


def test_one_rating_changes_the_vector(trained):
    model = trained.serving_model()
    assert not np.allclose(
        model.user_vector(user_with(3), now=9999), model.user_vector(user_with(2), now=9999)
    )


def test_a_new_movie_gets_a_vector_near_those_of_its_genre(trained):
    model = trained.serving_model()
    new = model.movie_vectors([MovieInput(999, f"{GENRES[0]} night", 1955, (GENRES[0],))])[0]
    means = [model.matrix[i * 15 : i * 15 + 15].mean(axis=0) for i in range(len(GENRES))]
    assert np.argmin([np.linalg.norm(new - mean) for mean in means]) == 0


def test_recomputed_vectors_are_the_stored_ones(trained):
    model = trained.serving_model()
    stored, found = model.stored_vectors(np.array([100, 101, 999]))
    np.testing.assert_allclose(model.movie_vectors(movies()[:2]), stored[:2], atol=1e-6)
    assert found.tolist() == [True, True, False]
    assert not stored[2].any()


def test_predicted_stars_stay_within_the_scale(trained):
    stars = trained.serving_model().predict_stars(UserInput(), np.array([100, 999]))
    assert stars.shape == (2,)
    assert ((stars >= 0.5) & (stars <= 5)).all()


def test_movies_with_enough_stars_are_those_predicted_to_have_them(trained):
    model, user = trained.serving_model(), user_with(4)
    stars = model.predict_stars(user, model.known_movie_ids)
    least = float(np.median(stars))
    fitting = model.movies_with_stars(user, least)
    assert set(fitting) == set(model.known_movie_ids[stars >= least])
    assert (np.diff(model.predict_stars(user, fitting)) <= 0).all()


def test_a_long_history_is_answered_in_milliseconds():
    config = TwoTowerConfig()
    model = untrained(config)
    user = user_with(200)
    model.user_vector(user)
    began = time.process_time()
    for _ in range(5):
        model.user_vector(user)
    assert (time.process_time() - began) / 5 < 0.05  # about 3 ms on an idle core


def untrained(config):
    from recommendations.two_tower.train import _Training

    from .synthetic import fans

    training = _Training(fans(), config, 0, None)
    return training._model(training.optimizer.averaged()).serving_model()


def test_directions_have_length_one_and_no_trends(trained):
    model = trained.serving_model()
    vectors = model.matrix.copy()
    vectors[:, model.config.learned_dimension :] += 5.0
    directions = model.directions(vectors)
    assert directions.shape == (len(vectors), model.config.learned_dimension)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(directions, model.directions(np.asarray(model.matrix)))


def test_the_mean_movie_has_no_direction(trained):
    model = trained.serving_model()
    mean = model.matrix.mean(axis=0, dtype=np.float32)[None]
    assert not model.directions(mean).any()


def test_a_state_is_computed_once_for_a_history_and_anew_with_the_next_rating(trained):
    model = trained.serving_model()
    model.user_vector(UserInput(), now=9999)
    with mock.patch.object(UserTower, "_block", autospec=True, side_effect=UserTower._block) as block:
        vectors = [model.user_vector(user_with(count), now=9999) for count in (4, 4, 5)]
    assert block.call_count == 2 * model.config.layers
    np.testing.assert_array_equal(vectors[0], vectors[1])
    np.testing.assert_array_equal(vectors[2], trained.serving_model().user_vector(user_with(5), now=9999))


def test_a_model_goes_with_its_last_reference_and_waits_for_no_collector(trained):
    model = trained.serving_model()
    model.user_vector(user_with(4), now=9999)
    reference = weakref.ref(model)
    gc.disable()
    try:
        del model
        assert reference() is None
    finally:
        gc.enable()


def test_a_rating_that_does_not_count_leaves_the_vector_as_if_not_given(trained):
    model = trained.serving_model()
    ignored = replace(user_with(4), weights=np.array([1, 1, 1, 0], np.float32))
    np.testing.assert_array_equal(
        model.user_vector(ignored, now=9**6), model.user_vector(user_with(3), now=9**6)
    )


def test_a_rating_that_counts_half_gives_the_vector_midway(trained):
    model = trained.serving_model()
    half = replace(user_with(4), weights=np.array([1, 1, 1, 0.5], np.float32))
    midway = (model.user_vector(user_with(3), now=9**6) + model.user_vector(user_with(4), now=9**6)) / 2
    np.testing.assert_allclose(model.user_vector(half, now=9**6), midway, atol=1e-6)


def test_a_history_of_which_all_counts_is_its_own_only_layer():
    movie_ids = np.array([1, 2])
    user = UserInput(movie_ids=movie_ids, stars=np.ones(2, np.float32), timestamps=movie_ids)
    assert user.layers() == [(1.0, user)]


def test_weights_of_ratings_are_the_shares_of_the_histories_they_are_in():
    user = replace(user_with(4), weights=np.array([1, 0.5, 0.25, 0], np.float32))
    layers = user.layers()
    assert [(share, len(layer.movie_ids)) for share, layer in layers] == [(0.25, 3), (0.25, 2), (0.5, 1)]
    assert not any(len(layer.weights) for _share, layer in layers)
