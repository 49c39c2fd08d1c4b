"""Fixtures of the site's tests."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from catalog.models import User
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _static_files_without_manifest(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A language that a test switched to does not stay for the next one."""
    yield
    translation.deactivate()


@pytest.fixture
def user(db: None) -> User:
    return UserFactory()


@pytest.fixture
def member(client: Client, user: User) -> Client:
    """A browser in which `user` is logged in."""
    client.force_login(user)
    return client
