"""Clients of the API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from catalog import cards
from catalog.models import User
from catalog.tokens import issue_token, scopes_allowed
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
def client_of() -> Callable[..., APIClient]:
    """`client_of(user)` or `client_of(user, "read")`: logged in by a token, of all scopes or of these."""

    def with_token(user: User, *scopes: str) -> APIClient:
        _token, secret = issue_token(user, scopes=scopes or scopes_allowed(user))
        return APIClient(headers={"Authorization": f"Token {secret}"})

    return with_token


@pytest.fixture
def client(user: User, client_of: Callable[[User], APIClient]) -> APIClient:
    """Logged in as `user` by token."""
    return client_of(user)
