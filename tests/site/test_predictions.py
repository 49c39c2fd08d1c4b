"""Predicted stars for movies: from the history with a word on how sure they are, or none."""

from unittest import mock

import numpy as np
import pytest

from catalog.models import User
from recommendations.live_model import LiveModel, NoActiveModel
from recommendations.predictions import Confidence, Prediction, predict, predict_one
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests.factories import MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
LOOK_UP = "recommendations.experiments.arms.live_model"


def model(*, known: bool) -> mock.Mock:
    fake = mock.create_autospec(ServingModel, instance=True)
    fake.stored_vectors.return_value = (np.zeros((1, 256), np.float32), np.array([known]))
    fake.movie_vectors.return_value = np.ones((1, 256), np.float32)
    fake.predict_and_judge.return_value = np.array([4.25], np.float32), np.array([0.9], np.float32)
    return fake


def test_without_a_rating_there_is_nothing_to_predict_from(user: User) -> None:
    assert predict_one(user, MovieFactory()) is None


@pytest.mark.parametrize("fault", [NoActiveModel, VectorIndexUnavailable])
def test_without_a_model_there_is_no_prediction(user: User, fault: type[Exception]) -> None:
    RatingFactory(user=user)
    with mock.patch(LOOK_UP, autospec=True, side_effect=fault("away")):
        assert predict_one(user, MovieFactory()) is None


@pytest.mark.parametrize("known", [True, False])
def test_a_movie_newer_than_the_model_is_predicted_from_its_features(user: User, known: bool) -> None:
    RatingFactory(user=user)
    fake = model(known=known)
    live = LiveModel(mock.create_autospec(Collection, instance=True), fake)
    with mock.patch(LOOK_UP, autospec=True, return_value=live):
        expected = Prediction(4.25, Confidence.SURE)
        assert predict_one(user, MovieFactory(rating_count=300)) == expected
    assert fake.movie_vectors.called is not known


def test_nothing_is_predicted_for_no_movies(user: User) -> None:
    RatingFactory(user=user)
    assert predict(user, []) == {}


@pytest.mark.parametrize(
    ("known_share", "rating_count", "word"),
    [
        (0.0, 5000, "a guess"),
        (0.9, 0, "a guess"),  # nobody rated it: its factors are guessed
        (0.4, 90, "fairly sure"),  # 0.4 * 90 / 120 = 0.3
        (0.9, 90, "quite sure"),
    ],
)
def test_confidence_is_a_word_that_needs_ratings_of_both_sides(
    known_share: float, rating_count: int, word: str
) -> None:
    assert Confidence.of(known_share, rating_count).label == word
