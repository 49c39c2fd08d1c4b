"""Reads from a replica, and never behind one's own writes."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from catalog.api import authentication
from catalog.api.views import RatingList
from catalog.models import AccessToken, Rating
from catalog.tokens import issue_token
from movierec.replica import ReplicaMiddleware, ReplicaRouter, _reads_from
from recommendations.feedback import note_from_site
from recommendations.models import ServedList
from tests.factories import UserFactory

router = ReplicaRouter()
Send = Callable[..., list[str]]


@pytest.fixture
def send() -> Send:
    """Sends a request; returns where it read before and, if it wrote, after its write."""

    def send(method: str, path: str = "/", *, who: str = "mine", writes: bool = False) -> list[str]:
        read_from = []

        def view(request: HttpRequest) -> HttpResponse:
            read_from.append(router.db_for_read(Rating))
            if writes:
                assert router.db_for_write(Rating) == "default"
                read_from.append(router.db_for_read(Rating))
            return HttpResponse()

        ReplicaMiddleware(view)(RequestFactory().generic(method, path, headers={"Authorization": who}))
        return read_from

    return send


def test_a_request_that_only_reads_reads_from_the_replica(send: Send) -> None:
    assert send("GET") == ["replica"]


def test_a_request_that_writes_reads_from_the_primary(send: Send) -> None:
    assert send("PUT", writes=True) == ["default", "default"]


def test_after_a_write_in_a_get_request_it_reads_from_the_primary(send: Send) -> None:
    assert send("GET", writes=True) == ["replica", "default"]


def test_who_has_just_written_sees_it_and_others_may_wait(send: Send) -> None:
    send("PUT", who="mine")
    assert send("GET", who="mine") == ["default"]
    assert send("GET", who="another's") == ["replica"]


def test_who_writes_without_session_and_token_sends_no_other_visitor_to_the_primary(send: Send) -> None:
    send("POST", who="")
    assert send("GET", who="") == ["replica"]


@pytest.mark.django_db
def test_a_token_that_the_replica_does_not_know_yet_is_looked_up_on_the_primary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _token, secret = issue_token(UserFactory(), scopes=["read"])
    stored, read_from = authentication._tokens.instances, []

    def lag(**values: str) -> list[AccessToken]:
        read_from.append(_reads_from.get())
        return stored(**values) if read_from[-1] == "default" else []

    monkeypatch.setattr(authentication._tokens, "instances", lag)
    view = ReplicaMiddleware(RatingList.as_view())
    answer = view(RequestFactory().get("/", headers={"Authorization": f"Token {secret}"}))
    assert (answer.status_code, read_from) == (200, ["replica", "default"])


def test_operators_read_from_the_primary(send: Send) -> None:
    assert send("GET", "/admin/catalog/movie/") == ["default"]


def test_commands_and_workers_read_from_the_primary(send: Send) -> None:
    send("GET")
    assert router.db_for_read(Rating) == "default"


@pytest.mark.django_db
def test_a_transaction_reads_where_it_writes() -> None:
    with transaction.atomic():
        assert router.db_for_read(Rating) == "default"


def test_only_the_primary_is_migrated() -> None:
    assert router.allow_migrate("default", "catalog")
    assert not router.allow_migrate("replica", "catalog")


@pytest.mark.django_db(transaction=True)
def test_a_click_in_a_get_request_is_looked_up_and_kept_on_the_primary(settings: Settings) -> None:
    """A replica is not there, so that whatever would be read from it is an error."""
    settings.DATABASE_ROUTERS = ["movierec.replica.ReplicaRouter"]
    served = ServedList.objects.create(user=UserFactory(), source="personal", movie_ids=[1])

    def view(request: HttpRequest) -> HttpResponse:
        note_from_site(served.user, served.pk, 1, "clicked")
        return HttpResponse()

    ReplicaMiddleware(view)(RequestFactory().get("/"))
    assert served.feedback.get().kind == "clicked"


@pytest.mark.parametrize(
    ("url", "expected"), [("", "['default']"), ("sqlite:////tmp/r", "['default', 'replica']")]
)
def test_the_environment_names_the_replica(url: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_REPLICA_URL", url)
    code = "from movierec import settings; print(list(settings.DATABASES))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == expected
