"""The list goes on while one scrolls, and by its link without scripts."""

import pytest
from playwright.sync_api import expect

from catalog.models import Movie, User
from recommendations.models import ListFeedback, ModelVersion
from tests.browser.conftest import OpenPage, log_in
from tests.factories import RatingFactory

FIRST, ALL = 20, 40


@pytest.fixture
def reader(live_world: ModelVersion, user: User) -> User:
    RatingFactory(user=user, movie=Movie.objects.get(title="Horror night 45"), stars=5.0)
    return user


def test_scrolling_adds_movies_each_once_and_keeps_the_address(open_page: OpenPage, reader: User) -> None:
    page = open_page()
    log_in(page, reader, then="/recommendations/?diversity=20")
    picks = page.locator(".pick")
    expect(picks).to_have_count(FIRST)
    page.locator("#more").scroll_into_view_if_needed()
    expect(picks).to_have_count(ALL)
    page.wait_for_url("**/recommendations/?diversity=20&limit=40")
    links = page.locator(".pick .pick-poster").evaluate_all("links => links.map(link => link.pathname)")
    assert len(set(links)) == ALL


def test_a_click_further_down_is_one_on_the_list_that_was_scrolled_to(
    open_page: OpenPage, reader: User
) -> None:
    page = open_page()
    log_in(page, reader, then="/recommendations/?diversity=20")
    page.locator("#more").scroll_into_view_if_needed()
    last = page.locator(".pick-title a").nth(ALL - 1)
    title = last.inner_text()
    last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    told = ListFeedback.objects.select_related("served_list").get()
    assert (told.kind, len(told.served_list.movie_ids)) == ("clicked", ALL)
    assert told.served_list.movie_ids[-1] == told.movie_id


def test_a_rating_further_down_keeps_what_was_scrolled_to(open_page: OpenPage, reader: User) -> None:
    page = open_page()
    log_in(page, reader, then="/recommendations/?diversity=20")
    page.locator("#more").scroll_into_view_if_needed()
    expect(page.locator(".pick")).to_have_count(ALL)
    rated = page.locator(".pick").nth(ALL - 6)
    title = rated.locator(".pick-title").inner_text()
    rated.get_by_label("4 stars", exact=True).check()
    place = page.evaluate("scrollY")
    expect(page.get_by_role("heading", name=title, exact=True)).to_have_count(0)
    expect(page.locator(".pick")).to_have_count(ALL)
    assert abs(page.evaluate("scrollY") - place) < 100


def test_without_scripts_a_link_goes_on(open_page: OpenPage, reader: User) -> None:
    page = open_page(phone=True, javascript=False)
    log_in(page, reader, then="/recommendations/?diversity=20")
    page.get_by_role("link", name="Show more").click()
    expect(page.locator(".pick")).to_have_count(ALL)
    assert page.url.endswith("/recommendations/?diversity=20&limit=40#pick-21")
