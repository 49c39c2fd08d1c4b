"""Many movies in one request."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import Movie, MovieChange
from tests.factories import GenreFactory, MovieFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/movies/bulk/"


def operator_with(client_of: Callable[..., APIClient], *permissions: str, is_staff: bool = True) -> APIClient:
    user = UserFactory(is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return client_of(user)


@pytest.fixture
def operator(client_of: Callable[..., APIClient]) -> APIClient:
    return operator_with(client_of, "add_movie", "change_movie")


def send(client: APIClient, *rows: Any, **options: Any) -> Any:
    return client.post(URL, {"movies": list(rows)} | options)


def test_rows_create_change_or_leave_movies_as_they_are(operator: APIClient) -> None:
    GenreFactory(name="Drama")
    old = MovieFactory(title="Old", movielens_id=1, year=1990, imdb_id="tt1")
    same = MovieFactory(title="Same", movielens_id=2)
    answer = send(
        operator,
        {"movielens_id": 1, "title": "Renamed", "genres": ["drama"]},
        {"movielens_id": 2, "title": "Same"},
        {"movielens_id": 3, "title": "New", "year": 2001},
    )
    assert answer.status_code == 200
    assert [(row["status"], row["id"]) for row in answer.json()["results"]] == [
        ("updated", old.pk),
        ("unchanged", same.pk),
        ("created", Movie.objects.get(movielens_id=3).pk),
    ]
    old.refresh_from_db()
    assert (old.title, old.year, old.imdb_id) == ("Renamed", 1990, "tt1")
    assert [genre.slug for genre in old.genres.all()] == ["drama"]
    noted = LogEntry.objects.order_by("pk").values_list("action_flag", "object_repr")
    assert list(noted) == [(ADDITION, "New (2001)"), (CHANGE, "Renamed (1990)")]


def test_the_same_request_again_changes_nothing_and_tells_the_index_nothing(operator: APIClient) -> None:
    GenreFactory(name="Drama")
    rows = [{"imdb_id": f"tt{n}", "title": f"Movie {n}", "genres": ["drama"]} for n in range(3)]
    assert send(operator, *rows).json()["created"] == 3
    MovieChange.objects.all().delete()
    assert send(operator, *rows).json()["unchanged"] == 3
    assert not MovieChange.objects.exists()


def test_a_bad_row_is_told_and_the_others_are_written(operator: APIClient) -> None:
    answer = send(operator, {"title": "Good"}, {"title": "Bad", "year": 1}, "no movie at all", {"year": 1999})
    body = answer.json()
    assert (answer.status_code, body["created"], body["failed"]) == (207, 1, 3)
    assert [row["errors"][0]["attr"] for row in body["results"][1:]] == ["year", "non_field_errors", "title"]
    assert Movie.objects.get().title == "Good"


def test_all_or_nothing_writes_nothing_and_names_every_bad_field(operator: APIClient) -> None:
    rows = [{"title": "Good"}, {"title": "Bad", "year": 1}, {"title": "Bad", "genres": ["none"]}]
    answer = send(operator, *rows, all_or_nothing=True)
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == ["movies.1.year", "movies.2.genres"]
    assert not Movie.objects.exists()
    assert not MovieChange.objects.exists()


@pytest.mark.parametrize("key", ["id", "movielens_id", "imdb_id", "tmdb_id"])
def test_a_row_names_its_movie_by_any_of_four_keys(operator: APIClient, key: str) -> None:
    movie = MovieFactory(title="Old", movielens_id=7, imdb_id="tt7", tmdb_id=70)
    answer = send(operator, {key: getattr(movie, key), "title": "New"})
    assert answer.json()["results"][0]["id"] == movie.pk
    movie.refresh_from_db()
    assert movie.title == "New"


def test_later_rows_see_what_earlier_ones_wrote(operator: APIClient) -> None:
    answer = send(operator, {"movielens_id": 5, "title": "First"}, {"movielens_id": 5, "year": 1980})
    assert [row["status"] for row in answer.json()["results"]] == ["created", "updated"]
    assert (Movie.objects.get().title, Movie.objects.get().year) == ("First", 1980)


def test_a_key_that_several_movies_have_is_refused(operator: APIClient) -> None:
    MovieFactory(tmdb_id=9), MovieFactory(tmdb_id=9)
    answer = send(operator, {"tmdb_id": 9, "title": "Which?"})
    assert answer.json()["results"][0]["errors"][0]["code"] == "ambiguous"


def test_an_id_that_is_not_there_is_no_new_movie(operator: APIClient) -> None:
    assert send(operator, {"id": 10**15, "title": "X"}).json()["results"][0]["errors"][0]["attr"] == "id"
    assert not Movie.objects.exists()


def test_a_number_that_another_movie_has_is_refused_and_later_rows_go_on(operator: APIClient) -> None:
    MovieFactory(movielens_id=1)
    other = MovieFactory(title="Other", movielens_id=2)
    rows = [{"id": other.pk, "movielens_id": 1}, {"id": other.pk, "title": "Renamed"}]
    answer = send(operator, *rows).json()
    assert [row["status"] for row in answer["results"]] == ["failed", "updated"]
    other.refresh_from_db()
    assert (other.title, other.movielens_id) == ("Renamed", 2)


def test_a_rating_that_arrives_meanwhile_is_not_undone(operator: APIClient) -> None:
    movie = MovieFactory(movielens_id=1, title="Old")

    def rated_meanwhile(*args: object, **kwargs: object) -> dict[str, Any]:
        Movie.objects.update(rating_count=5)
        return {}

    with patch("catalog.movie_upserts.Upserts._genres", side_effect=rated_meanwhile):
        send(operator, {"movielens_id": 1, "title": "New"})
    movie.refresh_from_db()
    assert (movie.title, movie.rating_count) == ("New", 5)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"movies": []},
        {"movies": {}},
        {"movies": "x"},
        {"movies": [{"title": "x"}] * 501},
        {"movies": [{"title": "x"}], "all_or_nothing": "maybe"},
    ],
)
def test_a_body_that_is_no_list_of_movies_is_refused(operator: APIClient, body: Any) -> None:
    assert operator.post(URL, body).status_code == 400
    assert not Movie.objects.exists()


def test_unchanged_rows_take_no_query_each(operator: APIClient) -> None:
    movies = [MovieFactory(movielens_id=n) for n in range(1, 41)]
    rows = [{"movielens_id": movie.movielens_id, "title": movie.title} for movie in movies]
    numbers = []
    for some in (rows[:1], rows):
        with CaptureQueriesContext(connection) as queries:
            send(operator, *some)
        numbers.append(sum("SAVEPOINT" not in query["sql"] for query in queries))
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("permissions", [(), ("add_movie",), ("change_movie",)])
def test_who_may_not_both_add_and_change_movies_is_refused(
    client_of: Callable[..., APIClient], permissions: tuple[str, ...]
) -> None:
    assert send(operator_with(client_of, *permissions), {"title": "X"}).status_code == 403
    assert not Movie.objects.exists()


def test_nobody_else_writes_movies(client: APIClient, anonymous: APIClient, client_of: Any) -> None:
    no_operator = operator_with(client_of, "add_movie", "change_movie", is_staff=False)
    codes = [send(who, {"title": "X"}).status_code for who in (client, anonymous, no_operator)]
    assert codes == [403, 401, 403]
    assert not Movie.objects.exists()
