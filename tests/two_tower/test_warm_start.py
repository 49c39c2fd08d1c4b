"""A training that goes on from an earlier model."""

from dataclasses import replace

import numpy as np
import pytest

from recommendations.two_tower.data import MovieInput, TrainingData, sorted_training_data
from recommendations.two_tower.train import train
from recommendations.two_tower.warm_start import WarmStartImpossible

from .synthetic import QUICK

NEW_MOVIE, NEW_USER = MovieInput(90, "Western night", 2011, ("Western",)), 3


@pytest.fixture(scope="module")
def grown(data: TrainingData) -> TrainingData:
    """A movie before all others, in a new genre, and a user amid them who is gone: rows move."""
    kept = data.user_ids != NEW_USER
    columns = [data.user_ids, data.movie_ids, data.stars, data.timestamps]
    more = [[1, 2], [90, 90], [5, 4], [900_000, 900_001]]
    joined = [np.concatenate([c[kept], np.array(m, c.dtype)]) for c, m in zip(columns, more, strict=True)]
    return sorted_training_data(data.users, [NEW_MOVIE, *data.movies], *joined)


def test_what_both_know_keeps_its_weights_and_what_is_new_starts_as_unknown(trained, grown):
    earlier = trained.serving_model()
    model = train(grown, replace(QUICK, epochs=1, learning_rate=0.0, weight_decay=0.0), warm_start=earlier)
    old, new = earlier.vocabulary, model.vocabulary
    movies = [(name, "movie_ids") for name in ("movie_id.weight", "transitions.movie.weight")]
    tables = [*movies, ("user_features.0.weight", "user_ids")]
    for name, ids in tables:
        before, after = list(getattr(old, ids)), list(getattr(new, ids))
        assert before != after
        for row, value in enumerate(after, start=1):
            place = before.index(value) + 1 if value in before else 0
            np.testing.assert_array_equal(model.weights[name][row], earlier.weights[name][place])
    western, horror = new.genre_rows["Western"], new.genre_rows["Horror"]
    assert not model.weights["content.weight"][western].any()
    np.testing.assert_array_equal(
        model.weights["content.weight"][horror], earlier.weights["content.weight"][old.genre_rows["Horror"]]
    )
    np.testing.assert_array_equal(model.weights["norm.weight"], earlier.weights["norm.weight"])


def test_it_takes_fewer_epochs_and_is_deterministic(trained, grown):
    config = replace(QUICK, epochs=None, fewest_steps=250)
    assert config.epochs_for(len(grown), movies=1) == 7
    models = [train(grown, config, seed=3, warm_start=trained.serving_model()) for _ in range(2)]
    assert models[0].metrics["epochs"] == 2
    assert models[0].snapshot["warm_start"] is True
    np.testing.assert_array_equal(models[0].movie_vectors, models[1].movie_vectors)


def test_towers_of_another_shape_are_refused(trained, data):
    with pytest.raises(WarmStartImpossible, match=r"there, .* here"):
        train(data, replace(QUICK, width=8), warm_start=trained.serving_model())
    with pytest.raises(WarmStartImpossible, match=r"no blocks\.2"):
        train(data, replace(QUICK, layers=3), warm_start=trained.serving_model())
