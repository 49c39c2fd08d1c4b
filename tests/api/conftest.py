"""Clients of the API."""

from collections.abc import Callable

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from catalog import cards
from catalog.models import User
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _cache_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that hung in the test before is asked again."""
    monkeypatch.setattr(cards, "_paused_until", 0.0)


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()


@pytest.fixture
def user(db: None) -> User:
    return UserFactory()


@pytest.fixture
def client_of() -> Callable[[User], APIClient]:
    def with_token(user: User) -> APIClient:
        token, _created = Token.objects.get_or_create(user=user)
        return APIClient(headers={"Authorization": f"Token {token.key}"})

    return with_token


@pytest.fixture
def client(user: User, client_of: Callable[[User], APIClient]) -> APIClient:
    """Logged in as `user` by token."""
    return client_of(user)
