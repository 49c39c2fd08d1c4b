"""Every page, light and dark, on a desktop and a phone: accessible, fitting, steady."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from catalog.models import Movie, User
from tests.browser.conftest import OpenPage, log_in
from tests.factories import MarkFactory, RatingFactory

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SERIOUS = ("serious", "critical")
PUBLIC = [
    "/",
    "/movies/",
    "/movies/?q=nothing-fits",
    "/movies/?year_min=2000&year_max=1990",
    "/accounts/login/",
    "/accounts/signup/",
]
PRIVATE = [
    "/",
    "/recommendations/",
    "/accounts/taste/",
    "/accounts/ratings/",
    "/accounts/watchlist/",
    "/accounts/hidden/",
    "/accounts/my-taste/",
    "/accounts/import/",
    "/accounts/profile/",
    "/accounts/password/",
    "/accounts/delete/",
]
LOOKS = pytest.mark.parametrize(
    ("phone", "dark"),
    [(False, False), (False, True), (True, False), (True, True)],
    ids=["desktop-light", "desktop-dark", "phone-light", "phone-dark"],
)
SHIFT = """() => new Promise((resolve) => {
  let total = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) total += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve(total), 400);
})"""


def faults(page: Page) -> list[str]:
    """What axe finds serious, and what does not fit the width of the window."""
    found = Axe().run(page, options=RULES).response["violations"]
    named = [
        f"{page.url} {violation['id']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
    overhang = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [*named, f"{page.url} is {overhang} px too wide"] if overhang > 0 else named


@LOOKS
def test_pages_for_visitors(movies: list[Movie], open_page: OpenPage, phone: bool, dark: bool) -> None:
    page = open_page(phone=phone, dark=dark)
    found = []
    for path in [*PUBLIC, movies[0].get_absolute_url()]:
        page.goto(path)
        found += faults(page)
    assert not found


@LOOKS
def test_pages_for_members(
    movies: list[Movie], open_page: OpenPage, user: User, phone: bool, dark: bool
) -> None:
    for movie in movies[:3]:
        RatingFactory(user=user, movie=movie, stars=4.5)
    MarkFactory(user=user, movie=movies[4], kind="watchlist")
    page = open_page(phone=phone, dark=dark)
    log_in(page, user)
    found = []
    for path in [*PRIVATE, "/movies/", movies[0].get_absolute_url()]:
        page.goto(path)
        found += faults(page)
    assert not found


def test_an_open_menu_and_a_message_are_accessible_too(
    movies: list[Movie], open_page: OpenPage, user: User
) -> None:
    page = open_page(phone=True)
    log_in(page, user, then="/recommendations/")
    page.locator(".pick form.rate").first.get_by_label("4 stars", exact=True).check()
    page.get_by_role("button", name="Undo").wait_for()
    page.locator(".menu summary").click()
    assert not faults(page)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_nothing_moves_while_a_page_loads(movies: list[Movie], open_page: OpenPage, phone: bool) -> None:
    page = open_page(phone=phone)
    for path in ["/", "/movies/", movies[0].get_absolute_url(), "/accounts/signup/"]:
        page.goto(path)
        assert page.evaluate(SHIFT) < 0.02, path


def test_pages_fit_a_narrow_phone_and_large_letters(movies: list[Movie], open_page: OpenPage) -> None:
    page = open_page()
    page.set_viewport_size({"width": 320, "height": 640})  # also 1280 px at a zoom of 400 %
    for path in PUBLIC:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_no_page_asks_another_host_for_anything(movies: list[Movie], open_page: OpenPage) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in [*PUBLIC, movies[0].get_absolute_url()]:
        page.goto(path)
    assert {url.split("/")[2] for url in asked} == {page.url.split("/")[2]}
