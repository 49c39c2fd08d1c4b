"""The world of tests/world.py with its model live in Milvus, inside the test's transaction."""

from pathlib import Path

import pytest

from catalog.models import User
from recommendations import index_verification
from recommendations.live_model import forget_live_model
from recommendations.models import ModelVersion
from recommendations.promotion import promote
from recommendations.vector_index import connection
from tests import world
from tests.engines import EngineProcess


@pytest.fixture
def stored(db: None, model_dir: Path) -> None:
    """The catalogue, people and ratings; no model."""
    world.store_world()


@pytest.fixture
def live(stored: None, milvus: EngineProcess) -> ModelVersion:
    """Version 1, trained on the stored world and live."""
    version = world.register_version(1)
    promote(version)
    return version


@pytest.fixture
def fan(stored: None) -> User:
    """Somebody who rated action movies only."""
    return User.objects.get(username="fan1")


@pytest.fixture(autouse=True)
def _quick_and_forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few queries verify a build; nothing of the test before is remembered in this one."""
    monkeypatch.setattr(index_verification, "QUERIES", 3)
    monkeypatch.setattr(connection, "_refused_until", {})
    forget_live_model()
