"""People to log in as on a demonstration: each gets a password once and keeps what they make of it."""

from io import StringIO

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command

from catalog.models import User


@pytest.fixture
def person(fan: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Somebody of the data set, who has no password yet."""
    monkeypatch.setenv("DEMO_PASSWORD", "3b353896")
    fan.movielens_id, fan.password = 1, make_password(None)
    fan.save()
    return fan


def accounts() -> str:
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    return out.getvalue()


def test_people_and_the_operator_can_log_in_with_the_password_shown(person: User) -> None:
    printed = accounts()
    for name in (person.username, "operator"):
        assert User.objects.get(username=name).check_password("3b353896")
        assert f"  {name:<16} password 3b353896 " in printed


def test_who_has_changed_the_password_keeps_it(person: User) -> None:
    accounts()
    operator = User.objects.get(username="operator")
    operator.set_password("one of my own")
    operator.save()
    assert "  operator         password as changed " in accounts()
    assert User.objects.get(username="operator").check_password("one of my own")


def test_without_a_password_nothing_is_set(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "")
    with pytest.raises(CommandError, match="DEMO_PASSWORD is not set"):
        accounts()
    assert not User.objects.filter(username="operator").exists()
