"""JSON is taken as it is written: a text is no number, a number no truth."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories import GenreFactory, MovieFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client_of: Any) -> APIClient:
    return client_of(UserFactory(is_staff=True, is_superuser=True))


@pytest.mark.parametrize(
    ("path", "body", "attr"),
    [
        ("ratings/", {"movie_id": "1", "stars": 4}, "movie_id"),
        ("ratings/", {"movie_id": 1, "stars": "4"}, "stars"),
        ("ratings/", {"movie_id": True, "stars": 4}, "movie_id"),
        ("movies/", {"title": 4}, "title"),
        ("movies/", {"title": "x", "year": "1999"}, "year"),
        ("movies/", {"title": "x", "year": 1999.5}, "year"),
        ("movies/", {"title": "x", "withdrawn": 0}, "withdrawn"),
        ("movies/", {"title": "x", "genres": [1]}, "genres.0"),
        ("auth/tokens/", {"name": "x", "expires_in_days": "7"}, "expires_in_days"),
        ("auth/tokens/", {"name": "x", "scopes": [1]}, "scopes.0"),
        ("together/", {"name": 7}, "name"),
        ("together/join/", {"token": 7}, "token"),
        ("recommendations/", {"ratings": [{"movie_id": "1", "rating": 4}]}, "ratings.0.movie_id"),
        ("recommendations/", {"demographics": {"age_group": "25"}}, "demographics.age_group"),
        ("recommendations/", {"limit": "5"}, "limit"),
        ("recommendations/", {"diversity": True}, "diversity"),
        ("trainings/", {"promote": "yes"}, "promote"),
        ("index/jobs/", {"kind": 1}, "kind"),
        ("experiments/", {"challenger": "2", "share": 10}, "challenger"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_path(
    operator: APIClient, path: str, body: dict[str, Any], attr: str
) -> None:
    MovieFactory(pk=1)
    answer = operator.post(f"/api/v1/{path}", body)
    assert answer.status_code == 400, answer.content
    assert [(error["attr"], error["code"]) for error in answer.json()["errors"]] == [(attr, "invalid_type")]


def test_every_wrong_type_is_named_at_once(operator: APIClient) -> None:
    answer = operator.post("/api/v1/movies/", {"title": 1, "year": "1999", "withdrawn": "no"})
    assert [error["attr"] for error in answer.json()["errors"]] == ["title", "year", "withdrawn"]


@pytest.mark.parametrize("genres", [{}, {"drama": 1}, "drama", 1])
def test_what_should_be_a_list_is_one(operator: APIClient, genres: object) -> None:
    answer = operator.post("/api/v1/movies/", {"title": "x", "genres": genres})
    assert answer.status_code == 400
    assert [(error["attr"], error["code"]) for error in answer.json()["errors"]] == [("genres", "not_a_list")]


def test_whole_numbers_may_be_written_with_a_point(operator: APIClient) -> None:
    GenreFactory(name="Drama")
    answer = operator.post("/api/v1/movies/", {"title": "x", "year": 1999.0, "genres": ["drama"]})
    assert (answer.status_code, answer.json()["year"]) == (201, 1999)


def test_a_form_is_all_text(anonymous: APIClient) -> None:
    form = {"username": UserFactory().username, "password": "a-password-for-tests", "expires_in_days": "7"}
    answer = anonymous.post(
        "/api/v1/auth/token/",
        "&".join(f"{k}={v}" for k, v in form.items()),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
