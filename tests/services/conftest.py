"""The world of the tests on the real engines: stored, trained on, live in Milvus."""

from pathlib import Path

import pytest
from celery import current_app

from recommendations import index_verification
from recommendations.live_model import forget_live_model
from recommendations.models import ModelVersion
from recommendations.promotion import promote
from recommendations.vector_index import connection
from tests import world
from tests.engines import EngineProcess


@pytest.fixture
def stored_world(transactional_db: None, model_dir: Path) -> None:
    """The catalogue of tests/world.py and an empty queue."""
    world.store_world()
    current_app.control.purge()


@pytest.fixture
def live(stored_world: None, milvus: EngineProcess) -> ModelVersion:
    """Version 1, trained on the stored world and live in Milvus."""
    forget_live_model()
    version = world.register_version(1)
    promote(version)
    return version


@pytest.fixture(autouse=True)
def _few_sample_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build verifies with 3 queries instead of 20, each of which waits for the server's clock."""
    monkeypatch.setattr(index_verification, "QUERIES", 3)


@pytest.fixture(autouse=True)
def _no_fault_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of Milvus in the test before does not make this process refuse searches in this one."""
    monkeypatch.setattr(connection, "_refused_until", 0.0)
