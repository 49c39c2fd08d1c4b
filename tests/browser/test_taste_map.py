"""The map of a taste with a model at work: by mouse, by keyboard, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Movie, User
from recommendations.models import ModelVersion
from tests.browser.conftest import OpenPage, keep_screenshot, log_in
from tests.browser.test_keyboard import tab_to
from tests.browser.test_quality import TWO_LOOKS, faults, named, shift_of
from tests.factories import RatingFactory


@pytest.fixture
def rater(live_world: ModelVersion, user: User) -> User:
    for title, stars in (("Horror night 45", 5.0), ("Horror night 46", 4.0), ("Comedy night 16", 1.0)):
        RatingFactory(user=user, movie=Movie.objects.get(title=title), stars=stars)
    return user


def movie_under(page: Page, title: str) -> None:
    """Point at a rated movie."""
    page.locator(f".map-dot:has(title:text('{title}'))").hover(force=True)


@TWO_LOOKS
def test_the_page_is_accessible_fits_and_stays_still(
    rater: User, open_page: OpenPage, phone: bool, dark: bool
) -> None:
    page = open_page(phone=phone, dark=dark)
    log_in(page, rater)
    assert shift_of(page, "/accounts/my-taste/") < 0.02
    page.get_by_text("The map as a table").click()
    assert not faults(page)
    keep_screenshot(page, f"map-{named(phone=phone, dark=dark)}")


def test_pointing_at_a_movie_names_it_and_its_neighbours(rater: User, open_page: OpenPage) -> None:
    page = open_page()
    log_in(page, rater, then="/accounts/my-taste/")
    near = page.locator(".map-near")
    expect(near).to_contain_text("Nearest to your taste")
    movie_under(page, "Horror night 45")
    expect(near.get_by_role("heading")).to_contain_text("night")
    expect(near.get_by_role("listitem")).to_have_count(6)
    page.mouse.move(5, 5)
    expect(near).to_contain_text("Nearest to your taste")


def test_the_arrow_keys_walk_over_the_map_and_enter_leads_to_the_movie(
    rater: User, open_page: OpenPage
) -> None:
    page = open_page()
    log_in(page, rater, then="/accounts/my-taste/")
    tab_to(page, page.get_by_role("application"))
    near = page.locator(".map-near")
    first = near.get_by_role("heading").inner_text()
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(near.get_by_role("heading")).not_to_have_text("Nearest to your taste")
    assert first.startswith("Comedy night 16")  # rated last
    title = near.get_by_role("heading").inner_text()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title.split(" (")[0])


def test_without_scripts_the_nearest_movies_are_in_a_table(rater: User, open_page: OpenPage) -> None:
    page = open_page(javascript=False, phone=True)
    log_in(page, rater, then="/accounts/my-taste/")
    expect(page.locator(".map-near").get_by_role("link").first).to_be_visible()
    page.get_by_text("The map as a table").click()
    row = page.locator(".map-table").get_by_role("row").nth(1)
    expect(row).to_contain_text("Comedy night 16")  # rated last
    expect(row.get_by_role("link")).to_have_count(4)  # the movie and three neighbours
    expect(page.get_by_text("Point at a place")).to_be_hidden()
