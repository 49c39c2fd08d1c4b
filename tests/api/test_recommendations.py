"""Recommendations and similar movies over the API."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock, patch

import pytest
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIClient

from catalog.cards import MovieCard
from catalog.models import Mark, Movie, User
from movierec.api_renderers import FastJSONRenderer
from recommendations.api.serializers import RecommendationListSerializer, list_json
from recommendations.explanations import Reason
from recommendations.models import ServedList
from recommendations.predictions import Confidence
from recommendations.serving import ListRequest, Recommendation, RecommendationList
from tests.factories import GenreFactory, MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/recommendations/"
LIST_ID = uuid.UUID(int=7)


@pytest.fixture
def recommender() -> Iterator[Mock]:
    """The recommender, which answers with an empty personal list."""
    empty = RecommendationList(ServedList.Source.PERSONAL, 3, [], list_id=LIST_ID)
    with patch("recommendations.api.views.recommend", autospec=True, return_value=empty) as recommend:
        yield recommend


def asked(recommender: Mock) -> ListRequest:
    return recommender.call_args.args[1]


def test_the_answer_has_exactly_the_agreed_fields(client: APIClient, recommender: Mock) -> None:
    movie = MovieFactory(title="Matrix, The", genres=["Action"])
    best = Recommendation(MovieCard.of(movie), 0.75, 4.5, (Reason(9, "Alien", 5.0),))
    recommender.return_value = RecommendationList(ServedList.Source.PERSONAL, 3, [best], list_id=LIST_ID)
    answer = client.get(URL).json()
    assert answer.pop("results")[0] == {
        "movie": client.get(f"/api/v1/movies/{movie.pk}/").json(),
        "score": 0.75,
        "predicted_rating": 4.5,
        "confidence": None,
        "because": [{"id": 9, "title": "Alien", "your_rating": 5.0}],
    }
    assert answer == {"source": "personal", "model_version": 3, "list_id": str(LIST_ID), "notice": ""}


def test_the_answer_is_what_the_serializer_makes_of_it() -> None:
    card = MovieCard.of(MovieFactory(title="Matrix, The", genres=["Action"]))
    best = Recommendation(card, 0.75, 4.5, (Reason(9, "Alien", 5.0),), Confidence.SURE)
    served = RecommendationList(ServedList.Source.PERSONAL, 3, [best, Recommendation(card, 0.0)], "Odd.")
    written = json.loads(FastJSONRenderer().render(list_json(served)))
    assert written == json.loads(JSONRenderer().render(RecommendationListSerializer(served).data))


def test_the_parameters_reach_the_recommender(client: APIClient, user: User, recommender: Mock) -> None:
    GenreFactory(name="Drama")
    query = {
        "limit": 5,
        "genre": "drama",
        "year_min": 1990,
        "year_max": 2000,
        "diversity": 0.5,
        "exclude": "3,1",
        "obscurity": 0.9,
        "min_predicted_rating": 3.5,
    }
    assert client.get(URL, query).status_code == 200
    assert asked(recommender) == ListRequest(5, "drama", 1990, 2000, 0.5, (3, 1), 0.9, 3.5)
    assert recommender.call_args.args[0] == user


def test_without_parameters_the_list_is_the_plain_one(client: APIClient, recommender: Mock) -> None:
    client.get(URL)
    assert asked(recommender) == ListRequest()


def test_exclude_may_be_repeated(client: APIClient, recommender: Mock) -> None:
    client.get(f"{URL}?exclude=1,2&exclude=3&exclude=")
    assert asked(recommender).exclude == (1, 2, 3)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"limit": "9" * 5000},
        {"genre": "no-such-genre"},
        {"genre": "a\x00b"},
        {"year_min": "-1"},
        {"year_max": "1e9"},
        {"year_max": "1990", "year_min": "2000"},
        {"diversity": "NaN"},
        {"diversity": "inf"},
        {"diversity": "1.1"},
        {"obscurity": "-0.1"},
        {"obscurity": "nan"},
        {"min_predicted_rating": "0"},
        {"min_predicted_rating": "5.5"},
        {"exclude": "x"},
        {"exclude": "0"},
        {"exclude": "9" * 40},
        {"exclude": ",".join(map(str, range(1, 202)))},
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(
    client: APIClient, recommender: Mock, query: dict[str, str]
) -> None:
    answer = client.get(URL, query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"].split(".")[0] == next(iter(query))
    recommender.assert_not_called()


def test_recommendations_are_for_people_who_log_in(anonymous: APIClient, recommender: Mock) -> None:
    assert anonymous.get(URL).status_code == 401
    recommender.assert_not_called()


def test_somebody_without_history_gets_popular_movies(client: APIClient) -> None:
    known = MovieFactory(rating_count=9)
    answer = client.get(URL).json()
    assert (answer["source"], answer["model_version"]) == ("popular", None)
    assert [result["movie"]["id"] for result in answer["results"]] == [known.pk]


def test_a_fallback_says_why_and_shows_nothing_rated_or_hidden(client: APIClient, user: User) -> None:
    rating, hidden, left = (
        RatingFactory(user=user),
        MarkFactory(user=user, kind=Mark.Kind.HIDDEN),
        MovieFactory(),
    )
    answer = client.get(URL).json()
    shown = [result["movie"]["id"] for result in answer["results"]]
    assert shown == [left.pk]
    assert not {rating.movie_id, hidden.movie_id} & set(shown)
    assert answer["notice"]


def test_a_list_belongs_to_whom_it_was_served(client_of: Callable[[User], APIClient], user: User) -> None:
    rating = RatingFactory()
    answer = client_of(user).get(URL).json()
    assert ServedList.objects.get(pk=answer["list_id"]).user == user
    assert [result["movie"]["id"] for result in answer["results"]] == [rating.movie_id]


def similar(client: APIClient, movie: Movie, **query: Any) -> Any:
    return client.get(f"/api/v1/movies/{movie.pk}/similar/", query)


def test_similar_movies_need_no_account_and_fall_back_to_the_genre(anonymous: APIClient) -> None:
    movie, alike = MovieFactory(genres=["Drama"]), MovieFactory(genres=["Drama"])
    MovieFactory(genres=["War"])
    assert [other["id"] for other in similar(anonymous, movie).json()["results"]] == [alike.pk]


def test_as_many_similar_movies_as_asked_for(anonymous: APIClient) -> None:
    movie = MovieFactory.create_batch(4, genres=["Drama"])[0]
    assert len(similar(anonymous, movie, limit=2).json()["results"]) == 2


@pytest.mark.parametrize("limit", ["0", "51", "x"])
def test_a_limit_that_makes_no_sense_is_refused(anonymous: APIClient, limit: str) -> None:
    answer = similar(anonymous, MovieFactory(), limit=limit)
    assert json.loads(answer.content)["errors"][0]["attr"] == "limit"


def test_nothing_is_similar_to_a_withdrawn_movie(anonymous: APIClient) -> None:
    assert similar(anonymous, MovieFactory(withdrawn=True)).status_code == 404
