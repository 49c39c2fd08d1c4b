"""Predicted stars for one movie: from the history, or none."""

from unittest import mock

import numpy as np
import pytest

from catalog.models import User
from recommendations.live_model import LiveModel, NoActiveModel
from recommendations.predictions import predict_stars
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests.factories import MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
LOOK_UP = "recommendations.predictions.live_model"


def model(*, known: bool) -> mock.Mock:
    fake = mock.create_autospec(ServingModel, instance=True)
    fake.stored_vectors.return_value = (np.zeros((1, 256), np.float32), np.array([known]))
    fake.predict_stars.return_value = np.array([4.25], np.float32)
    return fake


def test_without_a_rating_there_is_nothing_to_predict_from(user: User) -> None:
    assert predict_stars(user, MovieFactory()) is None


@pytest.mark.parametrize("fault", [NoActiveModel, VectorIndexUnavailable])
def test_without_a_model_there_is_no_prediction(user: User, fault: type[Exception]) -> None:
    RatingFactory(user=user)
    with mock.patch(LOOK_UP, autospec=True, side_effect=fault("away")):
        assert predict_stars(user, MovieFactory()) is None


@pytest.mark.parametrize("known", [True, False])
def test_a_movie_newer_than_the_model_is_predicted_from_its_features(user: User, known: bool) -> None:
    RatingFactory(user=user)
    fake = model(known=known)
    live = LiveModel(mock.create_autospec(Collection, instance=True), fake)
    with mock.patch(LOOK_UP, autospec=True, return_value=live):
        assert predict_stars(user, MovieFactory()) == 4.25
    assert fake.movie_vectors.called is not known
