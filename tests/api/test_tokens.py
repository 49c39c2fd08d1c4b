"""Access tokens: scopes, expiry, rotation, revocation; the secret is told once and stored nowhere."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog import tokens
from catalog.api.throttling import FailedNameThrottle
from catalog.models import AccessToken, User
from catalog.tokens import issue_token
from tests.factories import PASSWORD, MovieFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/tokens/"
LOG_IN = "/api/v1/auth/token/"
OWN = "/api/v1/ratings/"
MIGRATION = import_module("catalog.migrations.0004_access_token")
KEY = connection.ops.quote_name("key")


def client_with(secret: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Token {secret}"})


def log_in(user: User, **wishes: Any) -> Any:
    return APIClient().post(LOG_IN, {"username": user.username, "password": PASSWORD, **wishes})


def test_each_log_in_gives_a_token_of_its_own_for_ninety_days(user: User) -> None:
    first, second = log_in(user).json(), log_in(user).json()
    assert first["token"] != second["token"]
    assert first["scopes"] == ["read", "write"]
    token = AccessToken.objects.get(pk=first["id"])
    assert token.expires_at - token.created_at > timedelta(days=89)


def test_the_database_holds_no_secret(user: User) -> None:
    secret = log_in(user).json()["token"]
    row = AccessToken.objects.values().get()
    assert secret not in str(row)
    assert row["digest"] == hashlib.sha256(secret.encode()).hexdigest()


def test_an_answer_with_a_secret_is_not_to_be_kept(user: User) -> None:
    assert log_in(user)["Cache-Control"] == "no-store"


def test_whoever_is_logged_in_to_the_site_makes_tokens_without_an_end(user: User) -> None:
    browser = APIClient()
    browser.force_login(user)
    assert browser.post(URL, {"name": "script", "expires_in_days": None}).json()["expires_at"] is None


def test_only_the_latest_unnamed_tokens_are_kept(user: User) -> None:
    oldest, _secret = issue_token(user, scopes=["read"])
    named, _secret = issue_token(user, scopes=["read"], name="kept")
    for _ in range(tokens.LOG_INS_KEPT):
        issue_token(user, scopes=["read"])
    kept = set(AccessToken.objects.values_list("pk", flat=True))
    assert (oldest.pk in kept, named.pk in kept, len(kept)) == (False, True, tokens.LOG_INS_KEPT + 1)


def test_named_tokens_are_many_but_not_without_end(
    client: APIClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_NAMED", 1)
    body = {"name": "script", "scopes": ["read"]}
    assert client.post(URL, body).status_code == 201
    answer = client.post(URL, body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_many_tokens")


def test_a_named_token_works_and_is_listed_without_its_secret(client: APIClient) -> None:
    made = client.post(URL, {"name": "script", "scopes": ["read"]}).json()
    assert client_with(made["token"]).get(OWN).status_code == 200
    listed = client.get(URL).json()
    assert [(token["name"], token["current"]) for token in listed] == [("script", False), ("", True)]
    assert made["token"] not in str(listed)
    assert listed[0]["hint"] == made["token"][-4:]


@pytest.mark.parametrize(("scope", "reads", "writes"), [("read", 200, 403), ("write", 403, 201)])
def test_a_token_does_what_it_was_made_for(
    user: User, client_of: Callable[..., APIClient], scope: str, reads: int, writes: int
) -> None:
    own = client_of(user, scope)
    url = f"{OWN}{MovieFactory().pk}/"
    assert own.put(url, {"stars": 4}).status_code == writes
    answer = own.get(OWN)
    assert answer.status_code == reads
    if reads == 403:
        assert answer.json()["errors"][0]["code"] == "insufficient_scope"


def test_an_operators_token_without_the_scope_staff_changes_no_movie(
    client_of: Callable[..., APIClient],
) -> None:
    operator = UserFactory(is_staff=True, is_superuser=True)
    body = {"title": "New"}
    assert client_of(operator, "read", "write").post("/api/v1/movies/", body).status_code == 403
    assert client_of(operator).post("/api/v1/movies/", body).status_code == 201


@pytest.mark.parametrize("scopes", [[], ["admin"], ["staff"], "read", None, [1], ["read"] * 4])
def test_scopes_that_one_may_not_give_are_refused(client: APIClient, scopes: Any) -> None:
    answer = client.post(URL, {"name": "script", "scopes": scopes})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"].split(".")[0] == "scopes"


def test_a_token_makes_none_that_may_do_more(user: User, client_of: Callable[..., APIClient]) -> None:
    writer = client_of(user, "write")
    answer = writer.post(URL, {"name": "more", "scopes": ["write", "read"]})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "scopes.1")
    assert writer.post(URL, {"name": "same"}).json()["scopes"] == ["write"]


def test_a_token_rotates_none_that_may_do_more(user: User, client_of: Callable[..., APIClient]) -> None:
    stronger, secret = issue_token(user, scopes=["read", "write"], name="stronger")
    assert client_of(user, "write").post(f"{URL}{stronger.pk}/rotate/").status_code == 403
    assert client_with(secret).get(OWN).status_code == 200


def test_rotation_ends_the_old_secret_and_starts_the_lifetime_anew(client: APIClient, user: User) -> None:
    token, old = issue_token(user, scopes=["read"], name="script", days=10)
    AccessToken.objects.filter(pk=token.pk).update(
        created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() + timedelta(days=1)
    )
    answer = client.post(f"{URL}{token.pk}/rotate/").json()
    assert (answer["id"], answer["name"], answer["scopes"]) == (token.pk, "script", ["read"])
    assert client_with(old).get(OWN).status_code == 401
    assert client_with(answer["token"]).get(OWN).status_code == 200
    token.refresh_from_db()
    assert token.expires_at - timezone.now() > timedelta(days=9)


@pytest.mark.parametrize("days", [None, 30])
def test_a_token_makes_none_that_lasts_longer(user: User, days: int | None) -> None:
    short, secret = issue_token(user, scopes=["write"], days=1)
    made = client_with(secret).post(URL, {"name": "longer", "expires_in_days": days}).json()
    assert AccessToken.objects.get(pk=made["id"]).expires_at == short.expires_at


@pytest.mark.parametrize("days", [None, 30])
def test_a_token_rotates_none_to_last_longer(user: User, days: int | None) -> None:
    short, secret = issue_token(user, scopes=["write"], days=1)
    other, _secret = issue_token(user, scopes=["write"], name="script", days=days)
    assert client_with(secret).post(f"{URL}{other.pk}/rotate/").status_code == 200
    other.refresh_from_db()
    assert other.expires_at == short.expires_at


def test_a_token_that_rotates_itself_starts_its_lifetime_anew(user: User) -> None:
    token, secret = issue_token(user, scopes=["write"], days=10)
    soon = timezone.now() + timedelta(days=1)
    AccessToken.objects.filter(pk=token.pk).update(created_at=soon - timedelta(days=10), expires_at=soon)
    assert client_with(secret).post(f"{URL}{token.pk}/rotate/").status_code == 200
    token.refresh_from_db()
    assert token.expires_at - timezone.now() > timedelta(days=9)


def test_an_expired_token_is_not_rotated(client: APIClient, user: User) -> None:
    token, _secret = issue_token(user, scopes=["read"], name="script")
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    answer = client.post(f"{URL}{token.pk}/rotate/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "token_expired")


def test_a_revoked_token_is_unknown_at_once(client: APIClient, user: User) -> None:
    token, secret = issue_token(user, scopes=["read"], name="script")
    assert client.delete(f"{URL}{token.pk}/").status_code == 204
    assert client_with(secret).get(OWN).status_code == 401
    assert client.get(f"{URL}{token.pk}/").status_code == 404


def test_logging_out_everywhere_ends_all_own_tokens_and_nobody_elses(client: APIClient, user: User) -> None:
    issue_token(user, scopes=["read"], name="script")
    other, _secret = issue_token(UserFactory(), scopes=["read"])
    assert client.delete(URL).status_code == 204
    assert list(AccessToken.objects.all()) == [other]


def test_a_password_that_the_command_sets_ends_all_tokens(
    client: APIClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: "another-good-password")
    call_command("changepassword", user.username)
    assert client.get(OWN).status_code == 401


def test_a_hash_that_a_log_in_renews_ends_no_token(client: APIClient, user: User) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha1"))
    assert log_in(user).status_code == 200
    assert User.objects.get().password.startswith("pbkdf2_sha256")
    assert client.get(OWN).status_code == 200


def test_an_expired_token_is_told_from_an_unknown_one(user: User) -> None:
    token, secret = issue_token(user, scopes=["read"])
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    answer = client_with(secret).get(OWN)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "token_expired")


def test_use_is_noted_once_an_hour(user: User) -> None:
    token, secret = issue_token(user, scopes=["read"])
    long_ago = timezone.now() - timedelta(days=3)
    AccessToken.objects.filter(pk=token.pk).update(last_used_at=long_ago)
    client_with(secret).get(OWN)
    token.refresh_from_db()
    noted = token.last_used_at
    assert timezone.now() - noted < timedelta(minutes=1)
    client_with(secret).get(OWN)
    token.refresh_from_db()
    assert token.last_used_at == noted


def test_logging_out_everywhere_ends_the_sessions_of_browsers(client: APIClient, user: User) -> None:
    own, others = APIClient(), APIClient()
    own.force_login(user), others.force_login(UserFactory())
    client.delete(URL)
    assert [browser.get(OWN).status_code for browser in (own, others)] == [401, 200]
    own.force_login(User.objects.get(pk=user.pk))
    assert own.get(OWN).status_code == 200


def test_a_new_secret_key_ends_no_session_that_a_log_out_did_not(user: User, settings: Settings) -> None:
    tokens.log_out_everywhere(user)
    browser = APIClient()
    browser.force_login(User.objects.get(pk=user.pk))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert browser.get(OWN).status_code == 200


@pytest.mark.parametrize("method", ["get", "delete"])
def test_another_persons_token_is_not_there(client: APIClient, method: str) -> None:
    token, _secret = issue_token(UserFactory(), scopes=["read"])
    assert getattr(client, method)(f"{URL}{token.pk}/").status_code == 404
    assert client.post(f"{URL}{token.pk}/rotate/").status_code == 404
    assert AccessToken.objects.filter(pk=token.pk, digest=token.digest).exists()


def test_guesses_at_one_name_count_from_whatever_address(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FailedNameThrottle, "rate", "2/hour", raising=False)

    def guess(address: str) -> Any:
        browser = APIClient(REMOTE_ADDR=address)
        name = f"{' ' * int(address[-1])}{user.username.upper()}"
        return browser.post(LOG_IN, {"username": name, "password": "guess"})

    assert [guess(f"10.0.0.{n}").status_code for n in range(3)] == [400, 400, 429]
    assert int(guess("10.0.0.9")["Retry-After"]) > 60


def test_guesses_are_remembered_however_many_others_ask(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FailedNameThrottle, "rate", "1/hour", raising=False)
    guess = {"username": user.username, "password": "guess"}
    assert [APIClient().post(LOG_IN, guess).status_code for _ in range(2)] == [400, 429]
    for n in range(400):
        APIClient(REMOTE_ADDR=f"10.1.{n // 200}.{n % 200}").get("/api/v1/genres/")
    assert APIClient().post(LOG_IN, guess).status_code == 429


def test_log_ins_that_succeed_do_not_count_as_guesses(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FailedNameThrottle, "rate", "1/hour", raising=False)
    assert [log_in(user).status_code for _ in range(3)] == [200, 200, 200]


@pytest.fixture
def old_table(transactional_db: None) -> Iterator[str]:
    """Where rest_framework.authtoken kept its secrets."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {MIGRATION.OLD_TABLE} ({KEY} VARCHAR(40), user_id BIGINT)")
        yield MIGRATION.OLD_TABLE
        cursor.execute(f"DROP TABLE {MIGRATION.OLD_TABLE}")


def test_tokens_of_the_release_before_go_on_working_but_are_hashed(old_table: str, user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {old_table} VALUES (%s, %s)", ["a" * 40, user.pk])  # noqa: S608
        MIGRATION.carry_tokens_over(apps, SimpleNamespace(connection=connection))
        cursor.execute(f"SELECT COUNT(*) FROM {old_table}")  # noqa: S608
        assert cursor.fetchone() == (0,)
    assert client_with("a" * 40).get(OWN).status_code == 200
