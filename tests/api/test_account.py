"""One's own account over the API."""

import io
import json
import zipfile
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import AccessToken, User
from catalog.tokens import issue_token
from tests.factories import PASSWORD, RatingFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/account/"
NEW = "another-good-password"


def test_fields_of_the_profile_are_changed_one_by_one(client: APIClient, user: User) -> None:
    answer = client.patch(f"{URL}profile/", {"age_group": 25, "zip_code": "55117", "email": "a@example.org"})
    assert answer.status_code == 200
    assert client.patch(f"{URL}profile/", {"age_group": None, "gender": "X"}).status_code == 200
    assert client.get(f"{URL}profile/").json() | {"date_joined": ""} == {
        "username": user.username,
        "email": "a@example.org",
        "gender": "X",
        "age_group": None,
        "occupation": None,
        "zip_code": "55117",
        "date_joined": "",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("age_group", 26), ("gender", "?"), ("occupation", 21), ("zip_code", "9" * 11), ("email", "nobody")],
)
def test_a_value_that_is_none_of_the_choices_is_named(client: APIClient, field: str, value: Any) -> None:
    answer = client.patch(f"{URL}profile/", {field: value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)


def test_name_and_powers_cannot_be_changed(client: APIClient, user: User) -> None:
    client.patch(f"{URL}profile/", {"username": "root", "is_staff": True, "is_superuser": True})
    kept = User.objects.get(pk=user.pk)
    assert (kept.username, kept.is_staff, kept.is_superuser) == (user.username, False, False)


def test_a_new_password_ends_the_other_tokens(client: APIClient, user: User) -> None:
    other, _secret = issue_token(user, scopes=["read"], name="script")
    answer = client.post(f"{URL}password/", {"password": PASSWORD, "new_password": NEW})
    assert answer.status_code == 204
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not AccessToken.objects.filter(pk=other.pk).exists()
    assert client.get(f"{URL}profile/").status_code == 200


def test_a_password_that_is_changed_with_a_token_begins_no_session(client: APIClient) -> None:
    client.post(f"{URL}password/", {"password": PASSWORD, "new_password": NEW})
    assert not client.cookies


def test_the_session_in_which_the_password_is_changed_goes_on(user: User) -> None:
    here, elsewhere = APIClient(), APIClient()
    for browser in (here, elsewhere):
        browser.force_login(user)
    assert here.post(f"{URL}password/", {"password": PASSWORD, "new_password": NEW}).status_code == 204
    assert [browser.get(f"{URL}profile/").status_code for browser in (here, elsewhere)] == [200, 401]


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"password": "wrong", "new_password": NEW}, "password"),
        ({"password": PASSWORD, "new_password": "12345678"}, "new_password"),
        ({"new_password": NEW}, "password"),
    ],
)
def test_a_password_is_changed_only_for_who_knows_it_and_to_a_good_one(
    client: APIClient, user: User, body: dict[str, str], attr: str
) -> None:
    answer = client.post(f"{URL}password/", body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_an_account_is_deleted_after_a_grace_period_and_closed_at_once(client: APIClient, user: User) -> None:
    answer = client.post(f"{URL}deletion/", {"password": PASSWORD})
    user.refresh_from_db()
    assert (answer.status_code, user.is_active) == (202, False)
    assert answer.json()["deleted_at"][:16] == user.deletion_due_at.isoformat()[:16]
    assert client.get(f"{URL}profile/").status_code == 401


def test_an_account_is_not_deleted_without_its_password(client: APIClient, user: User) -> None:
    assert client.post(f"{URL}deletion/", {"password": "wrong"}).status_code == 400
    user.refresh_from_db()
    assert user.is_active


def test_all_data_comes_as_one_document(client: APIClient, user: User) -> None:
    rating = RatingFactory(user=user)
    RatingFactory()
    answer = client.get(f"{URL}export/json/")
    document = json.loads(answer.content)
    assert document["account"]["username"] == user.username
    assert [row["title"] for row in document["ratings"]] == [rating.movie.title]
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("accepted", ["application/zip", "application/json", "*/*"])
def test_all_data_comes_as_tables(client: APIClient, user: User, accepted: str) -> None:
    RatingFactory(user=user)
    answer = client.get(f"{URL}export/csv/", headers={"Accept": accepted})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert {"account.csv", "ratings.csv"} <= set(archive.namelist())
