"""Lists for somebody without an account: made from what the request tells, and nothing of it is kept."""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import User
from recommendations.api.session import SessionThrottle
from recommendations.models import ServedList
from recommendations.serving import ListRequest, RecommendationList
from tests.factories import GenreFactory, MovieFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/recommendations/"


@pytest.fixture
def recommender() -> Any:
    empty = RecommendationList(ServedList.Source.PERSONAL, 3, [])
    with patch("recommendations.api.views.recommend_to_visitor", autospec=True, return_value=empty) as asked:
        yield asked


def told(movies: list[Any], *stars: float) -> list[dict[str, Any]]:
    return [{"movie_id": movie.pk, "rating": rating} for movie, rating in zip(movies, stars, strict=True)]


def test_ratings_reach_the_recommender_in_their_order(anonymous: APIClient, recommender: Mock) -> None:
    movies = MovieFactory.create_batch(2)
    answer = anonymous.post(URL, {"ratings": told(movies, 5, 2.5)})
    person = recommender.call_args.args[0]
    assert answer.status_code == 200
    assert person.movie_ids.tolist() == [movie.pk for movie in movies]
    assert person.stars.tolist() == [5.0, 2.5]
    assert sorted(person.timestamps.tolist()) == person.timestamps.tolist()


def test_a_bare_list_is_taken_for_the_ratings(anonymous: APIClient, recommender: Mock) -> None:
    movie = MovieFactory()
    assert anonymous.post(URL, told([movie], 4)).status_code == 200
    assert recommender.call_args.args[0].movie_ids.tolist() == [movie.pk]


def test_of_two_ratings_of_a_movie_the_last_counts(anonymous: APIClient, recommender: Mock) -> None:
    first, second = MovieFactory.create_batch(2)
    anonymous.post(URL, told([first, second, first], 1, 2, 3))
    person = recommender.call_args.args[0]
    assert dict(zip(person.movie_ids.tolist(), person.stars.tolist(), strict=True)) == {
        first.pk: 3.0,
        second.pk: 2.0,
    }


def test_demographics_and_filters_count(anonymous: APIClient, recommender: Mock) -> None:
    GenreFactory(name="Drama")
    body = {
        "demographics": {"gender": "F", "age_group": 25},
        "genre": "drama",
        "limit": 5,
        "exclude": [3],
    }
    assert anonymous.post(URL, body).status_code == 200
    person, request = recommender.call_args.args
    assert (person.gender, person.age_group, person.user_id) == ("F", 25, None)
    assert request == ListRequest(limit=5, genre="drama", exclude=(3,))


def test_nothing_is_written(anonymous: APIClient) -> None:
    rated, left = MovieFactory.create_batch(2)
    with CaptureQueriesContext(connection) as queries:
        answer = anonymous.post(URL, told([rated], 5))
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
    assert [found["movie"]["id"] for found in answer.json()["results"]] == [left.pk]
    assert answer.json()["list_id"] is None
    assert not ServedList.objects.exists()


def test_a_token_that_may_only_read_is_enough(
    user: User, client_of: Callable[..., APIClient], recommender: Mock
) -> None:
    assert client_of(user, "read").post(URL, {}).status_code == 200


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"ratings": [{"movie_id": 10**9, "rating": 4}]}, "ratings.0.movie_id"),
        ([{"movie_id": 10**9, "rating": 4}], "ratings.0.movie_id"),
        ({"ratings": [{"movie_id": 1, "rating": 4.7}]}, "ratings.0.rating"),
        ({"ratings": [{"movie_id": 1, "rating": True}]}, "ratings.0.rating"),
        ({"ratings": [{"movie_id": 2**64, "rating": 4}]}, "ratings.0.movie_id"),
        ({"ratings": [{"movie_id": 1, "rating": 4}] * 501}, "ratings.non_field_errors"),
        ({"ratings": "many"}, "ratings.non_field_errors"),
        ({"demographics": {"age_group": 26}}, "demographics.age_group"),
        ({"exclude": [0]}, "exclude.0"),
        ({"limit": 1000}, "limit"),
        ("text", "non_field_errors"),
    ],
)
def test_what_makes_no_sense_is_named_by_its_path(
    anonymous: APIClient, recommender: Mock, body: Any, attr: str
) -> None:
    answer = anonymous.post(URL, body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    recommender.assert_not_called()


def test_an_address_is_throttled(
    anonymous: APIClient, recommender: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionThrottle, "rate", "2/min", raising=False)
    assert [anonymous.post(URL, {}).status_code for _ in range(3)] == [200, 200, 429]
    assert APIClient(REMOTE_ADDR="10.0.0.9").post(URL, {}).status_code == 200
