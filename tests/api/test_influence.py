"""How much one's ratings count for recommendations."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Influence, User
from recommendations.interactions import user_input
from tests.factories import RatingFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/ratings/"


def test_a_rating_counts_fully_until_it_is_told_otherwise(client: APIClient, user: User) -> None:
    rating = RatingFactory(user=user, movie__rating_mean=4.0)
    url = f"{URL}{rating.movie_id}/influence/"
    assert client.get(url).json() == {"weight": 1.0}
    for weight in (0.5, 0, 1):
        assert client.put(url, {"weight": weight}).json() == {"weight": weight}
        assert client.get(url).json() == {"weight": weight}
        assert client.get(f"{URL}{rating.movie_id}/").json()["weight"] == weight
        assert user_input(user).counts.tolist() == [weight]
    assert not Influence.objects.exists()


def test_ratings_that_count_less_are_listed_alone(client: APIClient, user: User) -> None:
    RatingFactory(user=user)
    less = RatingFactory(user=user)
    client.put(f"{URL}{less.movie_id}/influence/", {"weight": 0.5})
    for query, expected in (("?less_used=true", [0.5]), ("", [0.5, 1.0])):
        assert [row["weight"] for row in client.get(f"{URL}{query}").json()["results"]] == expected


@pytest.mark.parametrize("weight", [0.25, -1, 2, "0.5", True, None, [], 10**400])
def test_there_are_three_weights(client: APIClient, user: User, weight: Any) -> None:
    rating = RatingFactory(user=user)
    answer = client.put(f"{URL}{rating.movie_id}/influence/", {"weight": weight})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "weight")
    assert not Influence.objects.exists()


def test_who_has_not_rated_has_nothing_to_weigh(client: APIClient) -> None:
    other = RatingFactory()
    assert client.put(f"{URL}{other.movie_id}/influence/", {"weight": 0}).status_code == 404
