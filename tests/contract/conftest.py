"""A running web server with the world of tests/world.py, and people to ask it as."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from catalog.models import User
from recommendations import index_verification
from recommendations.live_model import forget_live_model
from recommendations.promotion import promote
from tests import world
from tests.engines import EngineProcess
from tests.factories import PASSWORD, UserFactory


@pytest.fixture
def site(
    transactional_db: None,
    milvus: EngineProcess,
    model_dir: Path,
    start_site: Callable[..., EngineProcess],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The address of a server whose API does not count requests; version 1 is live, 2 waits."""
    monkeypatch.setattr(index_verification, "QUERIES", 3)
    world.store_world()
    forget_live_model()
    promote(world.register_version(1))
    world.register_version(2)
    # A request line may be long: how long is the web server's affair, not the schema's.
    own = {"DJANGO_SETTINGS_MODULE": "tests.contract.settings", "GUNICORN_CMD_ARGS": "--limit-request-line 0"}
    return start_site(**own).url


@pytest.fixture
def fan(site: str) -> User:
    """Somebody with ratings, who logs in with PASSWORD."""
    fan = User.objects.get(username="fan1")
    fan.set_password(PASSWORD)
    fan.save()
    return fan


@pytest.fixture
def operator(site: str) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def token_of(site: str) -> Callable[[User], str]:
    """Logs a user in over the API."""

    def log_in(user: User) -> str:
        credentials = {"username": user.username, "password": PASSWORD}
        answer = httpx.post(f"{site}/api/v1/auth/token/", json=credentials, timeout=120)
        return answer.raise_for_status().json()["token"]

    return log_in
