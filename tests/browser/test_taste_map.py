"""The map of a taste with a model at work: by mouse, by keyboard, and without scripts."""

from playwright.sync_api import expect

from catalog.models import User
from tests.browser.conftest import OpenPage, log_in
from tests.browser.test_keyboard import tab_to


def test_pointing_at_a_movie_names_it_and_its_neighbours(rater: User, open_page: OpenPage) -> None:
    page = open_page()
    log_in(page, rater, then="/accounts/my-taste/")
    near = page.locator(".map-near")
    expect(near).to_contain_text("Nearest to your taste")
    page.locator(".map-dot[data-stars='5']").hover(force=True)
    expect(near.get_by_role("heading")).to_contain_text("Horror night 4")  # or the one right beside it
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
