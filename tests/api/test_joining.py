"""Sign-up, and the way back from a deletion, over the API."""

from unittest.mock import patch

import pytest
from django.db import IntegrityError
from rest_framework.test import APIClient

from catalog.leaving import request_deletion
from catalog.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/account/"


def test_whoever_signs_up_can_log_in(anonymous: APIClient) -> None:
    credentials = {"username": "ada", "password": "a-good-long-password"}
    answer = anonymous.post(URL, credentials)
    assert (answer.status_code, answer.json()["username"]) == (201, "ada")
    assert "password" not in answer.json()
    assert anonymous.post("/api/v1/auth/token/", credentials).status_code == 200
    assert not User.objects.get().is_staff


@pytest.mark.parametrize(
    ("username", "password", "attr"),
    [
        ("taken", "a-good-long-password", "username"),
        ("TAKEN", "a-good-long-password", "username"),
        ("not a name!", "a-good-long-password", "username"),
        ("ada", "12345678", "password"),
        ("ada", "", "password"),
        ("ada\0", "a-good-long-password", "username"),
    ],
)
def test_a_name_or_password_that_will_not_do_is_named(
    anonymous: APIClient, username: str, password: str, attr: str
) -> None:
    UserFactory(username="taken")
    answer = anonymous.post(URL, {"username": username, "password": password})
    assert answer.status_code == 400
    assert {error["attr"] for error in answer.json()["errors"]} == {attr}
    assert User.objects.count() == 1


def test_a_name_that_is_taken_this_very_moment_is_taken(anonymous: APIClient) -> None:
    with patch("catalog.forms.SignUpForm.save", autospec=True, side_effect=IntegrityError):
        answer = anonymous.post(URL, {"username": "ada", "password": "a-good-long-password"})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "username")


def test_who_asked_to_be_deleted_comes_back_with_the_password(anonymous: APIClient) -> None:
    user = UserFactory()
    request_deletion(user)
    credentials = {"username": user.username, "password": PASSWORD}
    for password, status in (("wrong", 400), (PASSWORD, 204), (PASSWORD, 400)):
        answer = anonymous.post(f"{URL}restoration/", credentials | {"password": password})
        assert answer.status_code == status
    user.refresh_from_db()
    assert user.is_active
    assert anonymous.post("/api/v1/auth/token/", credentials).status_code == 200
