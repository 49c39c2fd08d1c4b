"""Logging in to the API."""

import pytest
from rest_framework.test import APIClient

from catalog.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/token/"


def test_name_and_password_give_a_token_that_works(anonymous: APIClient, user: User) -> None:
    answer = anonymous.post(URL, {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 200
    own = APIClient(headers={"Authorization": f"Token {answer.json()['token']}"})
    assert own.get("/api/v1/ratings/").status_code == 200


def test_a_form_is_accepted_for_logging_in(anonymous: APIClient, user: User) -> None:
    form = f"username={user.username}&password={PASSWORD}"
    answer = anonymous.post(URL, form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200


def test_a_wrong_password_is_refused_in_the_one_error_shape(anonymous: APIClient, user: User) -> None:
    answer = anonymous.post(URL, {"username": user.username, "password": "wrong"})
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "validation_error",
        "errors": [
            {
                "code": "authorization",
                "detail": "Unable to log in with provided credentials.",
                "attr": "non_field_errors",
            }
        ],
    }


def test_an_inactive_user_gets_no_token(anonymous: APIClient, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    answer = anonymous.post(URL, {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "\x00", "password": "x"},
        {"username": "u" * 10_000, "password": "x"},
        [],
        "text",
        None,
    ],
)
def test_a_body_that_is_no_credentials_is_a_client_error(anonymous: APIClient, body: object) -> None:
    assert anonymous.post(URL, body).status_code == 400


def test_guessing_is_throttled_with_retry_after(anonymous: APIClient, user: User) -> None:
    guesses = [anonymous.post(URL, {"username": user.username, "password": "guess"}) for _ in range(11)]
    assert [guess.status_code for guess in guesses] == [400] * 10 + [429]
    assert 0 < int(guesses[-1]["Retry-After"]) <= 60
    assert guesses[-1].json()["errors"][0]["code"] == "throttled"


def test_a_forged_forwarding_header_does_not_evade_the_throttle(anonymous: APIClient, user: User) -> None:
    guesses = [
        anonymous.post(
            URL, {"username": user.username, "password": "guess"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}
        )
        for n in range(11)
    ]
    assert guesses[-1].status_code == 429


def test_an_unknown_token_is_refused_everywhere(db: None) -> None:
    stranger = APIClient(headers={"Authorization": "Token 0123456789"})
    answer = stranger.get("/api/v1/movies/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"


def test_half_a_surrogate_pair_is_a_client_error(anonymous: APIClient, db: None) -> None:
    body = '{"username": "\\ud800", "password": "\\ud800"}'
    assert anonymous.generic("POST", URL, body, content_type="application/json").status_code == 400
