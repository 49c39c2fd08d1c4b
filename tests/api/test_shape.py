"""What holds for the whole API: the schema, its page, one shape of errors, faults."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError
from drf_spectacular.views import SpectacularAPIView
from jsonschema import Draft202012Validator
from pytest_django import Settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.factories import MovieFactory

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid_and_made_without_a_warning(tmp_path: object) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yaml")


def test_the_schema_is_made_by_one_thread_at_a_time(anonymous: APIClient) -> None:
    making, most = 0, 0

    def make(*args: object) -> Response:
        nonlocal making, most
        making += 1
        most = max(most, making)
        time.sleep(0.1)
        making -= 1
        return Response({})

    slow = patch.object(SpectacularAPIView, "_get_schema_response", autospec=True, side_effect=make)
    with slow, ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _n: anonymous.get("/api/v1/schema/").status_code, range(3)))
    assert (answers, most) == ([200] * 3, 1)


def test_the_schema_is_served_as_openapi_3_1(anonymous: APIClient) -> None:
    schema = anonymous.get("/api/v1/schema/", {"format": "json"}).json()
    assert schema["openapi"] == "3.1.0"
    assert "/api/v1/ratings/{movie_id}/" in schema["paths"]


def test_every_operation_says_what_it_does(anonymous: APIClient) -> None:
    paths = anonymous.get("/api/v1/schema/", {"format": "json"}).json()["paths"]
    silent = [
        (path, verb) for path, verbs in paths.items() for verb in verbs if not verbs[verb].get("description")
    ]
    assert silent == []


def test_every_operation_has_an_example_of_what_is_sent_and_answered(anonymous: APIClient) -> None:
    paths = anonymous.get("/api/v1/schema/", {"format": "json"}).json()["paths"]
    operations = {(verb, path): verbs[verb] for path, verbs in paths.items() for verb in verbs}
    assert [where for where, operation in operations.items() if not has_examples(operation)] == []


def has_examples(operation: dict[str, Any]) -> bool:
    """Of its body and of every answer of success, where they have contents."""
    return all(media.get("examples") for media in contents(operation))


def contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The JSON that is sent and answered."""
    parts = [operation.get("requestBody", {})]
    parts += [told for code, told in operation["responses"].items() if code.startswith("2")]
    return [
        part["content"]["application/json"] for part in parts if "application/json" in part.get("content", {})
    ]


def test_every_example_is_as_its_schema_says(anonymous: APIClient) -> None:
    schema = anonymous.get("/api/v1/schema/", {"format": "json"}).json()
    wrong = []
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            for media in contents(operation):
                validator = Draft202012Validator(media["schema"] | {"components": schema["components"]})
                for name, example in media.get("examples", {}).items():
                    faults = [
                        f"{fault.json_path}: {fault.message}"
                        for fault in validator.iter_errors(example["value"])
                    ]
                    wrong += [(verb, path, name, fault) for fault in faults]
    assert wrong == []


def test_the_page_of_the_schema_needs_neither_inline_scripts_nor_other_hosts(
    anonymous: APIClient, settings: Settings
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    answer = anonymous.get("/api/v1/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<style" not in page
    assert "<script>" not in page
    assert "//" not in page.replace("<!--", "")
    script = anonymous.get("/api/v1/docs/?script=").content.decode()
    assert '"validatorUrl": null' in script
    assert "https://" not in script


NOWHERE = ["v1/nothing/", "v1/", "v1/movies", "v1/movies/1/2/", "v2/", "v2/movies/", "", "movies/", "%00/"]


@pytest.mark.parametrize("path", [f"/api/{path}" for path in NOWHERE])
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_address_is_not_found_in_json(
    anonymous: APIClient, settings: Settings, path: str, method: str, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = getattr(anonymous, method)(path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"


def test_a_method_that_is_not_there_is_told_in_the_same_shape(client: APIClient) -> None:
    answer = client.delete("/api/v1/genres/")
    assert answer.status_code == 405
    assert answer.json()["type"] == "client_error"


def test_a_client_that_accepts_no_json_is_told_so_in_json(anonymous: APIClient) -> None:
    answer = anonymous.get("/api/v1/movies/", headers={"Accept": "text/csv"})
    assert answer.status_code == 406


def test_too_many_requests_are_told_when_to_come_back(anonymous: APIClient) -> None:
    MovieFactory()
    with time_machine.travel("2026-01-01T12:00:20Z", tick=False):  # within one minute of the clock
        codes = [anonymous.get("/api/v1/genres/") for _ in range(121)]
    assert codes[-2].status_code == 200
    assert codes[-1].status_code == 429
    assert codes[-1]["Retry-After"] == "40"


def test_a_database_that_is_away_is_503_with_retry_after(anonymous: APIClient) -> None:
    fault = OperationalError(2006, "Server has gone away")
    with patch("catalog.api.filters.MovieFilter.filter_queryset", side_effect=fault, autospec=True):
        answer = anonymous.get("/api/v1/movies/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["errors"][0]["code"] == "unavailable"


def test_a_bug_is_told_in_the_one_shape(settings: Settings) -> None:
    """Also one of numbers: only what was sent decides what is the client's fault."""
    settings.DEBUG = False
    client = APIClient(raise_request_exception=False)
    with patch("catalog.api.filters.MovieFilter.filter_queryset", side_effect=OverflowError, autospec=True):
        answer = client.get("/api/v1/movies/")
    assert (answer.status_code, answer.json()["type"]) == (500, "server_error")


@pytest.mark.parametrize("path", ["schema/", "schema/?format=json", "docs/"])
def test_errors_of_the_schema_and_its_page_have_the_one_shape(anonymous: APIClient, path: str) -> None:
    answer = anonymous.post(f"/api/v1/{path}", headers={"Accept": "text/html, */*"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (405, "method_not_allowed")
