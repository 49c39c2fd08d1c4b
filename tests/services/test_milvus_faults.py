"""Milvus stops or hangs while people browse: they get popular movies at once, and their own again soon."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from catalog.models import Movie, User
from recommendations.models import ModelVersion
from tests import engines
from tests.engines import EngineProcess, wait_until

pytestmark = pytest.mark.services
NOTICE = "out of reach for a moment"


def source(browser: httpx.Client) -> str:
    return str(
        browser.get("/api/v1/recommendations/", params={"limit": 5}).raise_for_status().json()["source"]
    )


def timed(browser: httpx.Client, path: str) -> tuple[httpx.Response, float]:
    start = time.monotonic()
    return browser.get(path), time.monotonic() - start


def start_until_it_searches(milvus: EngineProcess) -> None:
    """A server answers long before it has its collections in memory again; it is back when it has."""
    milvus.start()
    wait_until(lambda: engines.milvus_searches("movies_v1"), seconds=60, what="Milvus has loaded movies_v1")


@pytest.fixture
def browser(
    live: ModelVersion, start_site: Callable[..., EngineProcess], visit: Callable[[str], httpx.Client]
) -> httpx.Client:
    """A browser on a web server that has already served personal lists."""
    client = visit(start_site().url)
    wait_until(lambda: source(client) == "personal", seconds=10, what="a personal list")
    return client


def test_without_milvus_pages_are_popular_at_once_and_personal_again_when_it_is_back(
    browser: httpx.Client, milvus: EngineProcess
) -> None:
    milvus.kill()
    page, seconds = timed(browser, "/recommendations/")
    assert (page.status_code, NOTICE in page.text) == (200, True)
    assert seconds < 1
    with ThreadPoolExecutor() as operator:
        back = operator.submit(start_until_it_searches, milvus)
        while not back.done():  # people go on browsing, which must not make the site give up on Milvus
            browser.get("/recommendations/")
    back.result()
    wait_until(lambda: source(browser) == "personal", seconds=10, what="a personal list again")


def test_a_milvus_that_hangs_holds_no_page_longer_than_its_deadline(
    browser: httpx.Client, milvus: EngineProcess
) -> None:
    milvus.pause()
    answers = [timed(browser, path) for path in ("/", "/recommendations/", "/readyz", "/movies/100/")]
    milvus.resume()
    assert [page.status_code for page, _seconds in answers] == [200, 200, 200, 200]
    assert max(seconds for _page, seconds in answers) < 2.5
    wait_until(lambda: source(browser) == "personal", seconds=10, what="a personal list again")


def test_a_rated_movie_is_not_shown_by_the_fallback_either(
    browser: httpx.Client, milvus: EngineProcess, fan: User
) -> None:
    milvus.pause()
    shown = browser.get("/api/v1/recommendations/", params={"limit": 100}).json()
    milvus.resume()
    assert shown["source"] == "popular"
    rated = set(fan.ratings.values_list("movie_id", flat=True))
    assert len(shown["results"]) == Movie.objects.count() - len(rated)
    assert not rated & {result["movie"]["id"] for result in shown["results"]}
