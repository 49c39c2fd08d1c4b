"""Over the API: predicted beside given stars, browsing by predicted ones, the rows of the home page."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from rest_framework.test import APIClient

from catalog.models import Movie, Rating, User
from recommendations.hindsight import look_back
from recommendations.models import ModelVersion, ServedList
from recommendations.predictions import predict_one
from recommendations.vector_index import VectorIndexUnavailable
from tests.factories import UserFactory

AWAY = "recommendations.live_model.vector_index.live_collection"


@pytest.fixture
def read() -> Callable[..., Any]:
    def read(user: User, path: str, **query: str) -> Any:
        client = APIClient()
        client.force_authenticate(user)
        answer = client.get(f"/api/v1/{path}", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return read


def test_the_look_back_is_the_one_of_the_site(
    live: ModelVersion, fan: User, read: Callable[..., Any]
) -> None:
    told, expected = read(fan, "taste/hindsight/"), look_back(fan)
    assert expected is not None
    assert (told["error"], told["usual_error"]) == (expected.error, expected.usual_error)
    first = expected.ratings[0]
    assert told["ratings"][0] == {
        "movie": {"id": first.movie.pk, "display_title": first.movie.display_title, "year": first.movie.year},
        "given": first.given,
        "predicted": first.predicted,
        "off": first.off,
    }
    assert [row["movie"]["id"] for row in told["surprises"]] == [row.movie.pk for row in expected.surprises]


def test_what_one_would_give_and_the_catalogue_in_that_order(
    live: ModelVersion, fan: User, read: Callable[..., Any]
) -> None:
    page = read(fan, "browse/", order="predicted", shown="unseen", page_size="3")
    stars = [row["predicted_rating"] for row in page["results"]]
    assert stars == sorted(stars, reverse=True)
    assert page["notice"] == ""
    assert not Rating.objects.filter(user=fan, movie__in=[r["movie"]["id"] for r in page["results"]]).exists()
    movie = Movie.objects.get(pk=page["results"][0]["movie"]["id"])
    expected = predict_one(fan, movie)
    assert expected is not None
    told = read(fan, f"movies/{movie.pk}/prediction/")
    assert told == {"predicted_rating": expected.stars, "confidence": expected.confidence}


def test_the_rows_of_the_home_page_have_no_movie_that_was_rated(
    live: ModelVersion, fan: User, read: Callable[..., Any]
) -> None:
    rows = read(fan, "recommendations/rows/")["results"]
    shown = [movie["id"] for row in rows for movie in row["movies"]]
    assert rows
    assert len(shown) == len(set(shown))
    assert not Rating.objects.filter(user=fan, movie__in=shown).exists()
    assert set(ServedList.objects.get(user=fan).movie_ids) <= set(shown)


def test_without_a_model_there_is_nothing_to_tell(fan: User, read: Callable[..., Any]) -> None:
    with patch(AWAY, side_effect=VectorIndexUnavailable, autospec=True):
        told = read(fan, "taste/hindsight/")
        assert read(fan, "movies/100/prediction/") == {"predicted_rating": None, "confidence": None}
    assert told == {"error": None, "usual_error": None, "ratings": [], "surprises": []}


def test_before_the_first_rating_there_is_nothing_either(read: Callable[..., Any], stored: None) -> None:
    newcomer = UserFactory()
    assert read(newcomer, "taste/hindsight/")["ratings"] == []
    assert read(newcomer, "movies/100/prediction/")["predicted_rating"] is None
