"""Several web processes and workers at once on one Milvus."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from catalog.models import Movie, MovieChange
from recommendations.index_sync import find_drift
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from tests.engines import EngineProcess, wait_until

pytestmark = pytest.mark.services


def test_three_web_processes_and_two_workers_share_one_milvus(
    live: ModelVersion,
    start_site: Callable[..., EngineProcess],
    start_worker: Callable[..., EngineProcess],
    visit: Callable[[str], httpx.Client],
) -> None:
    sites = [visit(start_site(WEB_CONCURRENCY="2").url), visit(start_site().url)]
    start_worker("sync")
    start_worker("sync", "--hostname", "sync-2@%h")

    def source(number: int) -> str:
        return str(sites[number % 2].get("/api/v1/recommendations/").raise_for_status().json()["source"])

    wait_until(lambda: {source(n) for n in range(8)} == {"personal"}, seconds=20, what="all are warm")
    with ThreadPoolExecutor(8) as people:
        sources = people.map(source, range(120))
        for movie_id in range(100, 130):
            Movie.objects.filter(pk=movie_id).update(year=1950 + movie_id % 7)
        assert set(sources) == {"personal"}
    wait_until(lambda: not MovieChange.objects.pending().exists(), seconds=30, what="the outbox is empty")
    assert not find_drift(live_model())
