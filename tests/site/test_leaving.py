"""The end of an account: at once out of sight, restored by logging in, deleted after the grace period."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalog.leaving import request_deletion
from catalog.models import Mark, Rating, User
from catalog.models.watch_group import Membership, WatchGroup
from catalog.tasks import purge_accounts
from catalog.tokens import issue_token
from recommendations.interactions import load_training_data, load_with_stored_order
from tests.factories import PASSWORD, MarkFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db


def log_in(client: Client, user: User, password: str = PASSWORD):
    return client.post("/accounts/login/", {"username": user.username, "password": password})


def asked(user: User, *, days_ago: float) -> User:
    request_deletion(user)
    User.objects.filter(pk=user.pk).update(deletion_requested_at=timezone.now() - timedelta(days=days_ago))
    return user


def test_asking_logs_out_everywhere_and_deletes_nothing_yet(member: Client, user: User) -> None:
    RatingFactory(user=user)
    elsewhere = Client()
    elsewhere.force_login(user)
    answer = member.post("/accounts/delete/", {"password": PASSWORD}, follow=True)
    assert "Until" in answer.text
    assert not answer.context["user"].is_authenticated
    assert elsewhere.get("/accounts/profile/").status_code == 302
    assert Rating.objects.filter(user=user).exists()


@pytest.mark.parametrize("form", [{"password": "wrong"}, {}])
def test_without_the_password_nothing_is_asked(member: Client, user: User, form: dict[str, str]) -> None:
    assert member.post("/accounts/delete/", form).status_code == 200
    assert not User.objects.leaving().exists()


def test_tokens_and_passwords_open_the_api_no_more(client: Client, user: User) -> None:
    _token, secret = issue_token(user, scopes=["read"])
    request_deletion(user)
    assert client.get("/api/v1/ratings/", headers={"Authorization": f"Token {secret}"}).status_code == 401
    form = {"username": user.username, "password": PASSWORD}
    assert client.post("/api/v1/auth/token/", form, "application/json").status_code == 400


def test_nothing_is_learned_from_who_is_leaving(user: User) -> None:
    RatingFactory(user=user)
    MarkFactory(user=user, kind=Mark.Kind.UNFINISHED)
    other = RatingFactory()
    request_deletion(user)
    for data in (load_training_data(), load_with_stored_order()[0]):
        assert data.user_ids.tolist() == data.users.user_ids.tolist() == [other.user_id]


def test_the_groups_of_who_is_leaving_go_on_without_them(user: User) -> None:
    group = WatchGroup.objects.create(name="Friday", owner=UserFactory())
    for member in (group.owner, user):
        Membership.objects.create(group=group, user=member)
    request_deletion(user)
    (found,) = WatchGroup.objects.with_members()
    assert [membership.user for membership in found.memberships.all()] == [group.owner]


def test_logging_in_offers_the_account_back(client: Client, user: User) -> None:
    asked(user, days_ago=3)
    assert log_in(client, user)["Location"] == "/accounts/restore/"
    offer = client.get("/accounts/restore/")
    assert user.username in offer.text
    assert not offer.context["user"].is_authenticated
    assert "Everything is as it was" in client.post("/accounts/restore/", follow=True).text
    assert client.get("/accounts/profile/").status_code == 200
    assert log_in(Client(), user)["Location"] == "/"


def test_coming_back_opens_no_session_of_before(member: Client, user: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(user)
    member.post("/accounts/delete/", {"password": PASSWORD})
    log_in(member, user)
    member.post("/accounts/restore/")
    assert member.get("/accounts/profile/").status_code == 200
    assert elsewhere.get("/accounts/profile/").status_code == 302


def test_a_wrong_password_does_not_tell_that_somebody_is_leaving(client: Client, user: User) -> None:
    asked(user, days_ago=3)
    assert "Please enter a correct" in log_in(client, user, "wrong").text
    assert client.post("/accounts/restore/")["Location"] == "/accounts/login/"
    assert User.objects.leaving().count() == 1


def test_who_was_locked_out_by_an_operator_is_offered_nothing(client: Client) -> None:
    assert log_in(client, UserFactory(is_active=False)).status_code == 200


def test_after_the_grace_period_everything_is_deleted(user: User) -> None:
    RatingFactory(user=asked(user, days_ago=15))
    kept = RatingFactory(user=asked(UserFactory(), days_ago=13)), RatingFactory()
    purge_accounts()
    assert not User.objects.filter(pk=user.pk).exists()
    assert {*Rating.objects.all()} == {*kept}


def test_who_is_active_again_stays_whatever_was_asked(user: User) -> None:
    asked(user, days_ago=15)
    User.objects.filter(pk=user.pk).update(is_active=True)
    purge_accounts()
    assert User.objects.filter(pk=user.pk).exists()


def test_the_command_says_how_many_it_deleted(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    rating = RatingFactory(user=asked(user, days_ago=15))
    call_command("purge_accounts")
    assert "1 account" in capsys.readouterr().out
    rating.movie.refresh_from_db()
    assert (rating.movie.rating_count, rating.movie.rating_mean) == (0, None)
