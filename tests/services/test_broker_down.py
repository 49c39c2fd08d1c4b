"""The broker is away while an operator edits: the edit is saved at once and reaches Milvus later."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import Client

from catalog.models import Movie
from recommendations import vector_index
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from tests import engines, environment
from tests.engines import EngineProcess, wait_until
from tests.factories import UserFactory

pytestmark = pytest.mark.services


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EngineProcess]:
    """A Redis of the test's own."""
    server, port = shutil.which("redis-server"), environment.free_port()
    if server is None:
        pytest.fail("no Redis here: install redis-server")
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = EngineProcess(
        command,
        ready=lambda: engines.listens(port),
        log=tmp_path / "redis.log",
        url=f"redis://127.0.0.1:{port}/0",
    )
    yield process.start()
    process.stop()


@pytest.fixture
def panel(
    live: ModelVersion, broker: EngineProcess, start_site: Callable[..., EngineProcess]
) -> Iterator[httpx.Client]:
    """An operator's browser on a site that uses this broker."""
    operator = Client()
    operator.force_login(UserFactory(is_staff=True, is_superuser=True))
    cookies = {settings.SESSION_COOKIE_NAME: operator.cookies[settings.SESSION_COOKIE_NAME].value}
    with httpx.Client(
        base_url=start_site(CELERY_BROKER_URL=broker.url).url, cookies=cookies, timeout=30
    ) as browser:
        yield browser


def edit(panel: httpx.Client, **fields: str) -> httpx.Response:
    """Save movie 100 in the panel's form."""
    address = "/admin/catalog/movie/100/change/"
    panel.get(address)
    token = panel.cookies["csrftoken"]
    return panel.post(
        address, data={"csrfmiddlewaretoken": token, **fields}, headers={"Referer": str(panel.base_url)}
    )


def indexed_year() -> int:
    return vector_index.fetch(live_model().collection, [100])[100].year


def test_an_edit_is_saved_at_once_and_reaches_milvus_when_the_broker_is_back(
    panel: httpx.Client, broker: EngineProcess, start_worker: Callable[..., EngineProcess]
) -> None:
    start_worker("sync", CELERY_BROKER_URL=broker.url)
    broker.kill()
    start = time.monotonic()
    answer = edit(panel, title="Edited without a broker", year="1966")
    assert answer.status_code == 302
    assert time.monotonic() - start < 5
    assert Movie.objects.get(pk=100).title == "Edited without a broker"
    broker.start()
    wait_until(lambda: indexed_year() == 1966, seconds=60, what="the edit is in Milvus")


def test_a_broker_that_hangs_does_not_hold_the_edit(panel: httpx.Client, broker: EngineProcess) -> None:
    broker.pause()
    start = time.monotonic()
    answer = edit(panel, title="Edited while the broker hangs", year="1967")
    seconds = time.monotonic() - start
    broker.resume()
    assert answer.status_code == 302
    assert seconds < 8
