"""The world of the tests on the real engines: stored, trained on, live in Milvus."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from celery import current_app
from django.conf import settings
from django.test import Client

from catalog.models import User
from catalog.tokens import issue_token
from recommendations import index_verification
from recommendations.live_model import forget_live_model
from recommendations.models import ModelVersion
from recommendations.promotion import promote
from recommendations.vector_index import connection
from tests import world
from tests.engines import EngineProcess


@pytest.fixture
def stored_world(transactional_db: None, model_dir: Path) -> None:
    """The catalogue of tests/world.py, committed, and an empty queue."""
    world.store_world()
    current_app.control.purge()


@pytest.fixture
def kept_collection() -> str:
    """That of version 1, which is the same in every test: promoting it again saves a build of six seconds."""
    return "movies_v1"


@pytest.fixture
def live(stored_world: None, milvus: EngineProcess) -> ModelVersion:
    """Version 1, trained on the stored world and live in Milvus."""
    version = world.register_version(1)
    promote(version)
    return version


@pytest.fixture
def fan(stored_world: None) -> User:
    """Somebody who rated action movies only."""
    return User.objects.get(username="fan1")


@pytest.fixture
def visit(fan: User) -> Callable[[str], httpx.Client]:
    """`visit(url)` is a browser on the site at `url`, logged in as `fan` on pages and in the API."""

    def logged_in(url: str) -> httpx.Client:
        pages = Client()
        pages.force_login(fan)
        cookies = {settings.SESSION_COOKIE_NAME: pages.cookies[settings.SESSION_COOKIE_NAME].value}
        _token, secret = issue_token(fan, scopes=["read", "write"])
        headers = {"Authorization": f"Token {secret}"}
        return httpx.Client(base_url=url, cookies=cookies, headers=headers, timeout=30)

    return logged_in


@pytest.fixture(autouse=True)
def _quick_and_forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few queries verify a build in this process; nothing of the test before is remembered in this one."""
    monkeypatch.setattr(index_verification, "QUERIES", 3)
    monkeypatch.setattr(connection, "_refused_until", {})
    forget_live_model()
