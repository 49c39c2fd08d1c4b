"""Sign-up, log-in, profile, and the end of an account."""

import itertools
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from rest_framework.settings import api_settings

from catalog.models import User
from catalog.tokens import issue_token
from tests.factories import PASSWORD, MovieFactory, UserFactory

pytestmark = pytest.mark.django_db
NEWCOMER = {"username": "ada", "password1": "a-long-good-one", "password2": "a-long-good-one"}


def test_a_name_and_a_password_make_an_account(client: Client) -> None:
    answer = client.post("/accounts/signup/", NEWCOMER)
    assert answer["Location"] == "/accounts/taste/"
    assert client.get("/").context["user"].username == "ada"
    assert not User.objects.get().has_demographics


def test_demographics_are_kept_if_given(client: Client) -> None:
    client.post("/accounts/signup/", NEWCOMER | {"gender": "F", "age_group": "25", "occupation": "0"})
    ada = User.objects.get()
    assert (ada.gender, ada.age_group, ada.occupation, ada.zip_code) == ("F", 25, 0, "")


def test_demographics_are_asked_for_with_a_reason(client: Client) -> None:
    page = client.get("/accounts/signup/").text
    assert "About you (optional)" in page
    assert "With this, your very first list fits a little better" in page


def test_nobody_signs_up_with_powers(client: Client) -> None:
    client.post("/accounts/signup/", NEWCOMER | {"is_staff": "on", "is_superuser": "on"})
    assert not User.objects.get().is_staff


@pytest.mark.parametrize(
    "fault", [{"password2": "another-one"}, {"username": ""}, {"age_group": "7"}, {"gender": "Q"}]
)
def test_a_faulty_form_makes_no_account_and_says_why(client: Client, fault: dict[str, str]) -> None:
    answer = client.post("/accounts/signup/", NEWCOMER | fault)
    assert "field-errors" in answer.text
    assert not User.objects.exists()


def test_a_name_is_taken_once(client: Client) -> None:
    UserFactory(username="ada")
    assert "already exists" in client.post("/accounts/signup/", NEWCOMER).text


def test_logging_in_leads_back_to_the_page(client: Client, user: User) -> None:
    form = {"username": user.username, "password": PASSWORD, "next": "/movies/?q=alien"}
    assert client.post("/accounts/login/", form)["Location"] == "/movies/?q=alien"


def test_logging_in_does_not_lead_elsewhere(client: Client, user: User) -> None:
    form = {"username": user.username, "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/accounts/login/", form)["Location"] == "/"


def test_a_wrong_password_is_explained(client: Client, user: User) -> None:
    answer = client.post("/accounts/login/", {"username": user.username, "password": "wrong"})
    assert "Please enter a correct" in answer.text


def test_guessing_passwords_is_slowed_down(client: Client, user: User) -> None:
    wrong = {"username": user.username, "password": "wrong"}
    answers = [client.post("/accounts/login/", wrong).status_code for _ in range(9)]
    assert answers == [200] * 8 + [429]
    assert client.post("/accounts/login/", wrong | {"password": PASSWORD}).status_code == 429
    other = UserFactory()
    form = {"username": other.username, "password": PASSWORD}
    assert client.post("/accounts/login/", form)["Location"] == "/"


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/"])
def test_guesses_count_however_the_name_is_written(client: Client, path: str) -> None:
    user = UserFactory(username="zoë", is_staff=True)
    names = ["zoë", " zoë", "zoë  ", *(["ZOË", "zoe"] if connection.vendor == "mysql" else [])]
    tried = itertools.islice(itertools.cycle(names), 9)
    answers = [client.post(path, {"username": name, "password": "wrong"}).status_code for name in tried]
    assert answers == [200] * 8 + [429]
    assert client.post(path, {"username": user.username, "password": PASSWORD}).status_code == 429


def test_the_right_password_opens_the_panel(client: Client) -> None:
    operator = UserFactory(is_staff=True)
    form = {"username": operator.username, "password": PASSWORD, "next": "/admin/"}
    assert [client.post("/admin/login/", form).status_code for _ in range(10)] == [302] * 10


def test_behind_a_proxy_guesses_count_for_the_address_that_it_names(client: Client, user: User) -> None:
    def log_in(password: str, address: str) -> int:
        form = {"username": user.username, "password": password}
        return client.post("/accounts/login/", form, headers={"X-Forwarded-For": address}).status_code

    with mock.patch.object(api_settings, "NUM_PROXIES", 1):
        assert [log_in("wrong", "6.6.6.6") for _ in range(9)] == [200] * 8 + [429]
        assert log_in(PASSWORD, "9.9.9.9") == 302


def test_logging_out_takes_a_form_not_a_link(member: Client) -> None:
    assert member.get("/accounts/logout/").status_code == 405
    assert member.post("/accounts/logout/")["Location"] == "/"


def test_the_profile_keeps_demographics(member: Client, user: User) -> None:
    member.post("/accounts/profile/", {"gender": "X", "age_group": "", "occupation": "", "zip_code": "10115"})
    user.refresh_from_db()
    assert (user.gender, user.zip_code) == ("X", "10115")


def test_the_password_is_changed_with_the_old_one(member: Client, user: User) -> None:
    new = {"old_password": PASSWORD, "new_password1": "quite-another-1", "new_password2": "quite-another-1"}
    assert member.post("/accounts/password/", new)["Location"] == "/accounts/profile/"
    user.refresh_from_db()
    assert user.check_password("quite-another-1")


def test_a_new_password_ends_the_tokens_that_the_old_one_got(member: Client, user: User) -> None:
    _token, secret = issue_token(user, scopes=["read"])
    api = Client(headers={"Authorization": f"Token {secret}"})
    assert api.get("/api/v1/account/profile/").status_code == 200
    new = {"old_password": PASSWORD, "new_password1": "quite-another-1", "new_password2": "quite-another-1"}
    member.post("/accounts/password/", new)
    assert api.get("/api/v1/account/profile/").status_code == 401


PRIVATE = [
    "/recommendations/",
    "/accounts/taste/",
    "/accounts/ratings/",
    "/accounts/watchlist/",
    "/accounts/hidden/",
    "/accounts/unfinished/",
    "/accounts/my-taste/",
    "/accounts/import/",
    "/accounts/profile/",
    "/accounts/password/",
    "/accounts/delete/",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_private_pages_ask_visitors_to_log_in(client: Client, path: str) -> None:
    MovieFactory()
    answer = client.get(path)
    assert answer["Location"] == f"/accounts/login/?next={path}"
