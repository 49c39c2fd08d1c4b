"""Looking back: a rating is predicted as if it had never been given."""

import numpy as np
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Mark, Movie, Rating, User
from catalog.services import rate_movie
from recommendations.hindsight import LATEST, Hindsight, LookBack, look_back
from recommendations.interactions import user_input
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from tests.engines import EngineProcess
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _static_files_without_manifest(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def looked_back(user: User) -> Hindsight:
    hindsight = look_back(user)
    assert hindsight is not None
    return hindsight


def test_each_prediction_is_that_of_somebody_who_never_rated_the_movie(live: ModelVersion, fan: User) -> None:
    ratings = looked_back(fan).ratings
    assert len(ratings) == min(LATEST, Rating.objects.of(fan).count())
    model = live_model().model
    for told in ratings[:3]:
        rating = Rating.objects.get(user=fan, movie=told.movie)
        stars, rated_at = rating.stars, rating.rated_at
        rating.delete()
        without = user_input(fan)
        assert told.predicted == pytest.approx(model.predict_stars(without, np.array([told.movie.pk]))[0])
        assert told.usual == pytest.approx(without.stars.mean())
        assert told.given == stars
        rate_movie(fan, told.movie, stars=stars, rated_at=rated_at)


def test_errors_are_means_and_the_largest_surprise_comes_first() -> None:
    good, bad = Movie(title="Good"), Movie(title="Bad")
    hindsight = Hindsight([LookBack(good, 4.0, 3.5, 3.0), LookBack(bad, 1.0, 3.0, 4.0)])
    assert hindsight.error == (0.5 + 2.0) / 2
    assert hindsight.usual_error == (1.0 + 3.0) / 2
    assert [rating.movie.title for rating in hindsight.surprises] == ["Bad", "Good"]


def test_what_was_not_finished_or_is_withdrawn_is_not_told(live: ModelVersion, fan: User) -> None:
    withdrawn = looked_back(fan).ratings[0].movie
    Movie.objects.filter(pk=withdrawn.pk).update(withdrawn=True)
    unrated = Movie.objects.visible().exclude(ratings__user=fan).first()
    assert unrated is not None
    Mark.objects.create(user=fan, movie=unrated, kind=Mark.Kind.UNFINISHED)
    assert not {withdrawn.pk, unrated.pk} & {rating.movie.pk for rating in looked_back(fan).ratings}


def test_two_ratings_are_too_few(live: ModelVersion) -> None:
    newcomer = UserFactory()
    for movie in Movie.objects.order_by("pk")[:2]:
        rate_movie(newcomer, movie, stars=4)
    assert look_back(newcomer) is None


def test_it_takes_two_queries(
    live: ModelVersion, fan: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    live_model()
    with django_assert_num_queries(2):  # the history, the movies
        look_back(fan)


def test_the_page_names_the_surprises(live: ModelVersion, fan: User, client: Client) -> None:
    client.force_login(fan)
    text = client.get("/accounts/my-taste/").text
    assert "Biggest surprises" in text
    hindsight = looked_back(fan)
    assert text.count("hindsight-point") == len(hindsight.ratings)
    assert f"{hindsight.error:.2f} stars" in text
    assert all(f"/movies/{rating.movie.pk}/" in text for rating in hindsight.surprises)


def test_without_a_model_the_page_does_without(
    live: ModelVersion, fan: User, client: Client, milvus: EngineProcess
) -> None:
    milvus.kill()
    client.force_login(fan)
    response = client.get("/accounts/my-taste/")
    assert response.status_code == 200
    assert "hindsight" not in response.text
    assert "taste-genres" in response.text
