"""A database that is away is 503 with Retry-After, as a page and as JSON."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

pytestmark = pytest.mark.urls(__name__)


def fail(request: HttpRequest) -> HttpResponse:
    raise OperationalError(2006, "Server has gone away")


def fail_otherwise(request: HttpRequest) -> HttpResponse:
    raise InterfaceError(0, "")


def have_a_bug(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


urlpatterns = [
    path("page/", fail),
    path("other/", fail_otherwise),
    path("fine/", answer),
    path("bug/", have_a_bug),
    path("api/v1/page/", fail),
    path("api/v1/bug/", have_a_bug),
    path("api/v1/fine/", answer),
    path("api/v1/refused/", refuse),
]
handler400 = "movierec.fault_views.bad_request"
handler403 = "movierec.fault_views.permission_denied"
handler404 = "movierec.fault_views.page_not_found"
handler500 = "movierec.fault_views.server_error"


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def broken_session() -> Iterator[None]:
    fault = OperationalError(2013, "Lost connection")
    with patch(
        "django.contrib.sessions.middleware.SessionMiddleware.process_response",
        autospec=True,
        side_effect=fault,
    ):
        yield


@pytest.mark.parametrize("url", ["/page/", "/other/"])
def test_people_get_a_page_that_asks_for_patience(client: Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "try again in a few seconds" in answer.content.decode()


def test_programs_get_the_one_error_shape(client: Client) -> None:
    answer = client.get("/api/v1/page/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["errors"][0]["code"] == "unavailable"


@pytest.mark.usefixtures("broken_session")
@pytest.mark.parametrize("url", ["/fine/", "/api/v1/fine/"])
def test_a_fault_outside_of_the_view_is_told_alike(client: Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_bug_is_no_fault_of_the_database(client: Client) -> None:
    assert client.get("/bug/").status_code == 500
    answer = client.get("/api/v1/bug/")
    assert (answer.status_code, answer.json()["type"]) == (500, "server_error")


@pytest.mark.parametrize(
    ("path", "host", "status", "code"),
    [
        ("/api/v1/fine/", "elsewhere.example", 400, "parse_error"),
        ("/api/v1/refused/", "localhost", 403, "permission_denied"),
        ("/api/v2/nothing/", "localhost", 404, "not_found"),
    ],
)
def test_what_fails_outside_of_the_apis_views_is_json_below_api(
    client: Client, path: str, host: str, status: int, code: str
) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == status
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert answer.json()["type"] == "client_error"
    assert answer.json().keys() == {"type", "errors"}


def test_people_still_get_pages(client: Client) -> None:
    assert client.get("/fine/", headers={"Host": "elsewhere.example"})["Content-Type"].startswith("text/html")
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")
