"""Operators change the catalogue over the API; nobody else does."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from catalog.models import Genre, Movie, MovieChange, User
from tests.factories import MovieFactory, UserFactory

URL = "/api/v1/movies/"


@pytest.fixture
def operator(db: None, client_of: Callable[[User], APIClient]) -> APIClient:
    """Somebody who may add, change and delete movies, and nothing else."""
    user = UserFactory(is_staff=True)
    names = ["add_movie", "change_movie", "delete_movie"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return client_of(user)


def announced() -> set[int]:
    return set(MovieChange.objects.pending().values_list("movie_id", flat=True))


def test_an_operator_adds_a_movie_which_is_announced_to_the_index(operator: APIClient) -> None:
    Genre.objects.create(name="Film-Noir", slug="film-noir")
    answer = operator.post(URL, {"title": "Matrix, The", "year": 1999, "genres": ["film-noir"]})
    movie = Movie.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (201, movie.pk)
    assert answer.json()["display_title"] == "The Matrix"
    assert answer.json()["genres"] == [{"name": "Film-Noir", "slug": "film-noir"}]
    assert announced() == {movie.pk}


@pytest.mark.parametrize("method", ["put", "patch"])
def test_an_operator_changes_one_field_and_leaves_the_others(operator: APIClient, method: str) -> None:
    movie = MovieFactory(title="Old", year=1990)
    answer = getattr(operator, method)(f"{URL}{movie.pk}/", {"title": "New"})
    assert (answer.status_code, answer.json()["title"], answer.json()["year"]) == (200, "New", 1990)
    assert movie.pk in announced()


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_rating_that_comes_meanwhile_counts(
    operator: APIClient, rated_meanwhile: Movie, method: str
) -> None:
    answer = getattr(operator, method)(f"{URL}{rated_meanwhile.pk}/", {"title": "New"})
    assert answer.status_code == 200
    movie = Movie.objects.get()
    assert (movie.title, movie.search_title, movie.rating_count) == ("New", "new", 1)


def test_a_title_that_comes_meanwhile_is_found(operator: APIClient) -> None:
    movie = MovieFactory(title="Old")
    save = Movie.save

    def save_late(instance: Movie, **kwargs: Any) -> None:
        Movie.objects.filter(pk=movie.pk).update(title="New")
        save(instance, **kwargs)

    with patch.object(Movie, "save", save_late):
        assert operator.patch(f"{URL}{movie.pk}/", {"year": 1991}).status_code == 200
    assert [(found.title, found.year) for found in Movie.objects.matching("new")] == [("New", 1991)]


def test_a_withdrawn_movie_is_gone_for_readers_and_can_be_restored(
    operator: APIClient, anonymous: APIClient
) -> None:
    url = f"{URL}{MovieFactory().pk}/"
    assert operator.patch(url, {"withdrawn": True}).status_code == 200
    assert anonymous.get(url).status_code == 404
    assert operator.patch(url, {"withdrawn": False}).status_code == 200
    assert anonymous.get(url).status_code == 200


def test_an_operator_deletes_a_movie(operator: APIClient) -> None:
    movie = MovieFactory()
    assert operator.delete(f"{URL}{movie.pk}/").status_code == 204
    assert not Movie.objects.exists()
    assert movie.pk in announced()


def test_every_change_is_in_the_audit_log(operator: APIClient) -> None:
    pk = operator.post(URL, {"title": "Heat"}).json()["id"]
    operator.patch(f"{URL}{pk}/", {"withdrawn": True})
    operator.delete(f"{URL}{pk}/")
    entries = LogEntry.objects.order_by("pk")
    assert {(entry.user_id, entry.object_id) for entry in entries} == {(User.objects.get().pk, str(pk))}
    assert [(entry.action_flag, entry.change_message) for entry in entries] == [
        (ADDITION, "added over the API"),
        (CHANGE, "changed over the API: withdrawn"),
        (DELETION, "deleted over the API"),
    ]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nobody_else_writes_the_catalogue(client: APIClient, anonymous: APIClient, method: str) -> None:
    movie = MovieFactory(title="Stays")
    url = URL if method == "post" else f"{URL}{movie.pk}/"
    assert getattr(client, method)(url, {"title": "X"}).status_code == 403
    assert getattr(anonymous, method)(url, {"title": "X"}).status_code == 401
    assert Movie.objects.get().title == "Stays"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_whoever_is_no_longer_staff_writes_nothing(operator: APIClient, method: str) -> None:
    movie = MovieFactory(title="Stays")
    User.objects.update(is_staff=False)
    url = URL if method == "post" else f"{URL}{movie.pk}/"
    assert getattr(operator, method)(url, {"title": "X"}).status_code == 403
    assert Movie.objects.get().title == "Stays"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 256),
        ("title", "nul\0"),
        ("year", 1200),
        ("year", 10**30),
        ("genres", ["no-such-genre"]),
        ("movielens_id", 2**63),
        ("tmdb_id", -1),
        ("imdb_id", "t" * 13),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(operator: APIClient, field: str, value: Any) -> None:
    answer = operator.post(URL, {"title": "Fine"} | {field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"].split(".")[0] == field
    assert not Movie.objects.exists()


def test_a_movielens_number_is_taken_once(operator: APIClient) -> None:
    MovieFactory(movielens_id=7)
    answer = operator.post(URL, {"title": "Another", "movielens_id": 7})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "movielens_id")
