"""The page of the API's schema in Chromium: under the site's policy, and without another host."""

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Movie
from tests.api.paths import operations
from tests.browser.conftest import OpenPage, keep_screenshot


def test_operations_are_listed_and_tried_without_another_host(
    open_page: OpenPage, live_server: LiveServer, movies: list[Movie]
) -> None:
    number = len(operations())
    page = open_page("/healthz")
    page.set_default_timeout(30_000)  # it draws every operation
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs/")
    expect(page.locator(".opblock")).to_have_count(number, timeout=30_000)
    genres = page.locator("#operations-genres-genres_list")
    genres.locator(".opblock-summary-control").dispatch_event("click")
    genres.get_by_role("button", name="Try it out").click()
    genres.get_by_role("button", name="Execute").click()
    expect(genres.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(genres.locator(".live-responses-table").first).to_contain_text("sci-fi")
    keep_screenshot(page, "desktop-light")
    assert {url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))} == set()
    assert f"{live_server.url}/api/v1/genres/" in asked
