"""What is asked in the query of an address: nothing is passed over in silence."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.api.paths import documented_queries, written_paths
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client_of: Any) -> APIClient:
    return client_of(UserFactory(is_staff=True, is_superuser=True))


def refused(answer: Any) -> dict[str, str]:
    """The code of each parameter that is refused."""
    errors = answer.json()["errors"] if answer.status_code == 400 else []
    return {error["attr"]: error["code"] for error in errors}


def test_a_parameter_that_the_operation_does_not_have_is_refused_by_name(operator: APIClient) -> None:
    for path, _names in documented_queries():
        for name in ("limits", "🎬", "Page", "user_id"):
            assert refused(operator.get(path, {name: "1"})) == {name: "unknown_parameter"}, path


def test_every_documented_parameter_is_known_and_given_once_only(operator: APIClient) -> None:
    for path, names in documented_queries():
        for name in set(names) - {"exclude", "unseen", "shown"} | {n for n in names if "browse" in path}:
            codes = refused(operator.get(f"{path}?{name}=&{name}="))
            assert codes == {name: "repeated_parameter"}, path


def test_nothing_is_written_at_an_address_with_a_query(operator: APIClient) -> None:
    for method, path in written_paths():
        answer = operator.generic(method.upper(), f"{path}?dry_run=true")
        assert refused(answer) == {"dry_run": "unknown_parameter"}, (method, path)


def test_who_may_not_ask_is_told_that_first(anonymous: APIClient) -> None:
    assert anonymous.get("/api/v1/ratings/?no=1").status_code == 401


def test_excluded_movies_may_be_repeated_and_parted_by_commas(client: APIClient) -> None:
    assert client.get("/api/v1/recommendations/?exclude=1,2&exclude=3").status_code == 200


@pytest.mark.parametrize(
    ("path", "name"),
    [("movies/", "genre"), ("movies/", "page"), ("ratings/", "cursor"), ("recommendations/", "limit")],
)
def test_an_empty_parameter_is_none(client: APIClient, path: str, name: str) -> None:
    assert refused(client.get(f"/api/v1/{path}", {name: ""})) == {name: "blank"}


def test_an_empty_search_finds_everything(client: APIClient) -> None:
    for path in ("movies/", "browse/"):
        assert client.get(f"/api/v1/{path}", {"search": ""}).status_code == 200
