"""Fixtures that all tests share. An engine that is missing fails the test; nothing is skipped."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from tests import engines, environment
from tests.engines import EngineProcess


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file instead of memory: threads, workers and web servers of the tests share it."""
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        database["TEST"] = {**database.get("TEST", {}), "NAME": str(settings.VAR_DIR / "tests.sqlite3")}


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(scope="session")
def milvus_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """Milvus on MILVUS_URI for the whole run: the embedded one, or a real server on services."""
    folder = tmp_path_factory.mktemp("milvus")
    process = engines.milvus_server(folder) if environment.ON_SERVICES else engines.milvus_lite(folder)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def milvus(milvus_process: EngineProcess) -> Iterator[EngineProcess]:
    """Milvus, running and empty. A test may stop, kill or pause it."""
    engines.empty_milvus()
    yield milvus_process
    milvus_process.resume()
    if not milvus_process.is_running:
        milvus_process.start()


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., EngineProcess]]:
    """Starts real Celery workers on the test's database: `start_worker(queues="sync")`.

    The test needs `transactional_db`, or the worker sees nothing of what the test wrote.
    """
    workers: list[EngineProcess] = []

    def start(*, queues: str = "sync,training", **changes: str) -> EngineProcess:
        workers.append(engines.celery_worker(tmp_path, queues=queues, **changes).start())
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()
