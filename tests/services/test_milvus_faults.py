"""Milvus stops or hangs while people browse: they get popular movies at once, and their own again soon."""

import time
from collections.abc import Callable

import httpx
import pytest

from catalog.models import Movie
from recommendations.models import ModelVersion
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


@pytest.fixture
def browser(
    live: ModelVersion, start_site: Callable[..., EngineProcess], visit: Callable[[str], httpx.Client]
) -> httpx.Client:
    """A browser on a web server that has already served personal lists."""
    client = visit(start_site().url)
    wait_until(lambda: source(client) == "personal", seconds=10, what="a personal list")
    return client


def test_without_milvus_pages_are_popular_within_a_second_and_say_so(
    browser: httpx.Client, milvus: EngineProcess
) -> None:
    milvus.kill()
    page, seconds = timed(browser, "/recommendations/")
    assert (page.status_code, NOTICE in page.text) == (200, True)
    assert seconds < 1
    assert source(browser) == "popular"


def test_lists_are_personal_again_within_ten_seconds_of_milvus_being_back(
    browser: httpx.Client, milvus: EngineProcess
) -> None:
    milvus.kill()
    assert source(browser) == "popular"
    milvus.start()
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
    browser: httpx.Client, milvus: EngineProcess
) -> None:
    milvus.kill()
    shown = browser.get("/api/v1/recommendations/", params={"limit": 100}).json()
    ids = {result["movie"]["id"] for result in shown["results"]}
    assert shown["source"] == "popular"
    assert not ids & set(Movie.objects.filter(ratings__user__username="fan1").values_list("pk", flat=True))
