"""One's own lists, taste and suggestions over the API."""

import pytest
from rest_framework.test import APIClient

from catalog.models import Mark, User
from tests.factories import MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
LISTS = ["watchlist", "hidden", "unfinished"]


@pytest.mark.parametrize("name", LISTS)
def test_putting_a_movie_on_a_list_twice_is_the_same_as_once(
    client: APIClient, user: User, name: str
) -> None:
    url = f"/api/v1/{name}/{MovieFactory().pk}/"
    assert client.get(url).status_code == 404
    assert [client.put(url).status_code for _ in range(2)] == [201, 200]
    assert user.marks.get().kind == name
    assert client.get(url).status_code == 200
    assert [client.delete(url).status_code for _ in range(2)] == [204, 204]
    assert not user.marks.exists()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_its_own_kind_alone_and_the_latest_first(client: APIClient, user: User, name: str) -> None:
    marks = [MarkFactory(user=user, kind=name) for _ in range(2)]
    MarkFactory(user=user, kind=LISTS[LISTS.index(name) - 1])
    MarkFactory(user=user, kind=name, movie=MovieFactory(withdrawn=True))
    listed = client.get(f"/api/v1/{name}/").json()["results"]
    assert [row["movie"]["id"] for row in listed] == [mark.movie_id for mark in reversed(marks)]


def test_pages_of_a_list_neither_repeat_nor_miss_a_movie_when_another_comes(
    client: APIClient, user: User
) -> None:
    marks = [MarkFactory(user=user, kind=Mark.Kind.WATCHLIST) for _ in range(3)]
    page = client.get("/api/v1/watchlist/?page_size=2").json()
    MarkFactory(user=user, kind=Mark.Kind.WATCHLIST)
    rest = client.get(page["next"]).json()
    seen = [row["movie"]["id"] for row in page["results"] + rest["results"]]
    assert (seen, rest["next"]) == ([mark.movie_id for mark in reversed(marks)], None)


@pytest.mark.parametrize("movie_id", [10**9, 2**63])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
@pytest.mark.parametrize("name", LISTS)
def test_a_movie_that_is_not_there_is_not_found(
    client: APIClient, name: str, method: str, movie_id: int
) -> None:
    assert getattr(client, method)(f"/api/v1/{name}/{movie_id}/").status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asked_for_its_options_says_that_it_has_none(client: APIClient, name: str) -> None:
    for path in (f"/api/v1/{name}/", f"/api/v1/{name}/{MovieFactory().pk}/"):
        answer = client.options(path)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (405, "method_not_allowed")


def test_taste_tells_genres_decades_and_stars(client: APIClient, user: User) -> None:
    RatingFactory(user=user, stars=5, movie=MovieFactory(genres=["Drama"], year=1994))
    RatingFactory(user=user, stars=3, movie=MovieFactory(genres=["War"], year=2001))
    taste = client.get("/api/v1/taste/").json()
    assert (taste["count"], taste["mean"]) == (2, 4.0)
    assert {"name": "Drama", "count": 1, "mean": 5.0, "above": 1.0} in taste["genres"]
    assert [decade["name"] for decade in taste["decades"]] == ["1990", "2000"]
    assert {"stars": 5.0, "count": 1} in taste["given"]


def test_a_taste_without_ratings_is_empty(client: APIClient) -> None:
    taste = client.get("/api/v1/taste/").json()
    assert (taste["count"], taste["genres"], taste["decades"]) == (0, [], [])


def test_suggested_movies_are_neither_rated_nor_marked(client: APIClient, user: User) -> None:
    RatingFactory(user=user)
    MarkFactory(user=user)
    fresh = MovieFactory()
    answer = client.get("/api/v1/taste/suggestions/").json()
    assert [movie["id"] for movie in answer["results"]] == [fresh.pk]
    assert client.get("/api/v1/taste/suggestions/?limit=0").status_code == 400
