"""Fixtures that all tests share. An engine that is missing fails the test; nothing is skipped."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.models.signals import pre_save
from pytest_django import Settings

from catalog.models import Movie
from catalog.services import put_rating
from recommendations.experiments import arms
from recommendations.live_model import forget_live_model
from tests import engines, environment
from tests.engines import EngineProcess, wait_until
from tests.factories import MovieFactory, UserFactory


def pytest_configure() -> None:
    """A run that is told to end (SIGTERM) stops the engines that it started, as at Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file instead of memory: threads, workers and web servers of the tests share it."""
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        database["TEST"] = {**database.get("TEST", {}), "NAME": str(settings.VAR_DIR / "tests.sqlite3")}


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _no_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs, and this process looks again only when it changes one: so queries can be counted."""
    monkeypatch.setattr(arms, "_running", None)
    monkeypatch.setattr(arms, "_looked_up", float("inf"))


@pytest.fixture(scope="session")
def milvus_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """Milvus on MILVUS_URI for the whole run: the embedded one, or a real server on services."""
    folder = tmp_path_factory.mktemp("milvus")
    process = engines.milvus_server(folder) if environment.ON_MILVUS_SERVER else engines.milvus_lite(folder)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def kept_collection() -> str:
    """The name of a collection that one test leaves to the next, not live; none."""
    return ""


@pytest.fixture
def milvus(milvus_process: EngineProcess, kept_collection: str) -> Iterator[EngineProcess]:
    """Milvus, running and empty, also for the test after. A test may stop, kill or pause it."""
    engines.empty_milvus(keep=kept_collection)
    wait_until(engines.site_reaches_milvus, seconds=20, what="the site's own connection is back")
    yield milvus_process
    milvus_process.resume()
    if not milvus_process.is_running:
        milvus_process.start()
    engines.empty_milvus(keep=kept_collection)
    forget_live_model()


@pytest.fixture
def start_worker(tmp_path: Path, transactional_db: None) -> Iterator[Callable[..., EngineProcess]]:
    """Starts real Celery workers on the test's database: `start_worker("sync")`, or "training"."""
    workers: list[EngineProcess] = []

    def start(name: str, *options: str, **changes: str) -> EngineProcess:
        workers.append(engines.celery_worker(tmp_path, name, *options, **changes).start())
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


@pytest.fixture
def start_site(tmp_path: Path, transactional_db: None) -> Iterator[Callable[..., EngineProcess]]:
    """Starts real web servers on the test's database: `start_site(WEB_CONCURRENCY="2").url`."""
    sites: list[EngineProcess] = []

    def start(**changes: str) -> EngineProcess:
        sites.append(engines.web_server(tmp_path, **changes).start())
        return sites[-1]

    yield start
    for site in sites:
        site.stop()


@pytest.fixture
def model_dir(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder for the models of this test and of the processes that it starts."""
    settings.MODEL_DIR = tmp_path / "models"
    settings.MODEL_DIR.mkdir()
    return settings.MODEL_DIR


@pytest.fixture
def rated_meanwhile(db: None) -> Iterator[Movie]:
    """A movie that somebody rates whenever it has been read and is about to be written."""
    movie = MovieFactory(title="Old")

    def rate(instance: Movie, **kwargs: object) -> None:
        put_rating(UserFactory(), Movie.objects.get(pk=instance.pk), stars=5)

    pre_save.connect(rate, sender=Movie)
    yield movie
    pre_save.disconnect(rate, sender=Movie)
