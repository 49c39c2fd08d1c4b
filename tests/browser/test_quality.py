"""Every page, light and dark, on a desktop and a phone: accessible, fitting, steady; with screenshots."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django import Settings

from catalog.leaving import request_deletion
from catalog.models import Influence, Movie, User
from catalog.services import weigh_rating
from tests.browser.conftest import OpenPage, keep_screenshot, log_in
from tests.factories import PASSWORD, MarkFactory, RatingFactory

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SERIOUS = ("serious", "critical")
PUBLIC = [
    "/",
    "/movies/",
    "/movies/?q=nothing-fits",
    "/movies/?year_min=2000&year_max=1990",
    "/movies/?order=predicted",
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
    "/accounts/unfinished/",
    "/accounts/my-taste/",
    "/recommendations/less-used/",
    "/accounts/import/",
    "/accounts/import/confirm/",
    "/accounts/import/report/",
    "/accounts/profile/",
    "/accounts/password/",
    "/accounts/delete/",
]
LOOKS = pytest.mark.parametrize(
    ("phone", "dark"),
    [(False, False), (False, True), (True, False), (True, True)],
    ids=["desktop-light", "desktop-dark", "phone-light", "phone-dark"],
)
TWO_LOOKS = pytest.mark.parametrize(  # each width and each set of colours once
    ("phone", "dark"), [(False, False), (True, True)], ids=["desktop-light", "phone-dark"]
)
FAULTS = ["/nothing-here/", *(f"/faults/{status}/" for status in (403, 429, 500, 503))]
RATINGS_FILE = b"""Date,Name,Year,Letterboxd URI,Rating
2021-05-03,Alien,1979,x,4.5
2021-05-03,Casablanca,1942,x,4.5
2021-05-03,Fargo,1990,x,5
2021-05-03,Nowhere,1990,x,1
"""
SHIFT = """() => new Promise((resolve) => {
  let total = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) total += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve(total), 250);
})"""


def look_at(page: Page, paths: list[str], look: str) -> list[str]:
    """The faults of the pages at these paths, of which screenshots are kept."""
    found = []
    for path in paths:
        page.goto(path)
        found += faults(page)
        keep_screenshot(page, look)
    return found


def bring_ratings(page: Page) -> None:
    """So that the pages of the import have something to show."""
    page.goto("/accounts/import/")
    file = {"name": "ratings.csv", "mimeType": "text/csv", "buffer": RATINGS_FILE}
    page.get_by_label("CSV or zip file").set_input_files(file)
    page.get_by_role("button", name="Look at the file").click()
    page.wait_for_url("**/confirm/")


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


def named(*, phone: bool, dark: bool) -> str:
    return f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"


@LOOKS
def test_pages_for_visitors(movies: list[Movie], open_page: OpenPage, phone: bool, dark: bool) -> None:
    page = open_page(phone=phone, dark=dark)
    paths = [*PUBLIC, movies[0].get_absolute_url()]
    assert not look_at(page, paths, f"visitor-{named(phone=phone, dark=dark)}")


@TWO_LOOKS
def test_pages_for_members(
    movies: list[Movie], open_page: OpenPage, user: User, phone: bool, dark: bool
) -> None:
    for movie in movies[2:5]:
        weigh_rating(RatingFactory(user=user, movie=movie, stars=4.5), weight=Influence.LESS)
    for kind in ("watchlist", "hidden", "unfinished"):
        MarkFactory(user=user, movie=movies[5], kind=kind)
    page, look = open_page(phone=phone, dark=dark), named(phone=phone, dark=dark)
    log_in(page, user)
    bring_ratings(page)
    assert not look_at(page, ["/accounts/import/confirm/"], look)
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/report/")
    paths = [path for path in PRIVATE if path != "/accounts/import/confirm/"]
    assert not look_at(page, [*paths, "/movies/", movies[0].get_absolute_url()], look)


@TWO_LOOKS
def test_pages_of_faults(
    movies: list[Movie], open_page: OpenPage, settings: Settings, phone: bool, dark: bool
) -> None:
    settings.ROOT_URLCONF = "tests.browser.fault_urls"
    page = open_page(phone=phone, dark=dark, complain=False)  # the browser reports their status as an error
    assert not look_at(page, FAULTS, named(phone=phone, dark=dark))
    for path in FAULTS:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == int(path.split("/")[2] if "faults" in path else 404)
        page.get_by_role("link", name="To the start page").first.wait_for()


@TWO_LOOKS
def test_the_offer_to_come_back(
    movies: list[Movie], open_page: OpenPage, user: User, phone: bool, dark: bool
) -> None:
    request_deletion(user)
    page = open_page("/accounts/login/", phone=phone, dark=dark)
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/restore/")
    assert not look_at(page, ["/accounts/restore/"], named(phone=phone, dark=dark))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_outline_of_stars_stands_out(
    movies: list[Movie], open_page: OpenPage, user: User, dark: bool
) -> None:
    page = open_page(dark=dark)
    log_in(page, user, then="/accounts/taste/")
    outline = colour_of(page, ".half svg", "stroke")
    for ground in ("html", ".rate-card"):
        assert contrast(outline, colour_of(page, ground, "backgroundColor")) >= 3, ground  # WCAG 1.4.11


def test_a_genre_is_legible_under_the_mouse(movies: list[Movie], open_page: OpenPage) -> None:
    page = open_page(movies[0].get_absolute_url())
    page.locator(".chip").first.hover()
    text, ground = (colour_of(page, ".chip", name) for name in ("color", "backgroundColor"))
    assert contrast(text, ground) >= 4.5  # WCAG 1.4.3


def colour_of(page: Page, selector: str, name: str) -> list[int]:
    """Red, green and blue, 0 to 255, of the first element."""
    script = "(element, name) => getComputedStyle(element)[name].match(/[0-9]+/g).map(Number)"
    colour: list[int] = page.locator(selector).first.evaluate(script, name)
    return colour


def contrast(one: list[int], other: list[int]) -> float:
    """The contrast ratio of WCAG, 1 to 21."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: list[int]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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
def test_nothing_moves_while_a_page_loads(
    movies: list[Movie], open_page: OpenPage, user: User, phone: bool
) -> None:
    RatingFactory(user=user, movie=movies[2], stars=4.5)
    page = open_page(phone=phone)
    public = ["/", "/movies/", movies[0].get_absolute_url(), "/accounts/signup/"]
    shifts = {path: shift_of(page, path) for path in public}
    log_in(page, user)
    private = ["/", "/movies/", movies[0].get_absolute_url(), "/recommendations/", "/accounts/taste/"]
    shifts |= {f"member {path}": shift_of(page, path) for path in [*private, "/accounts/ratings/"]}
    assert {path: shift for path, shift in shifts.items() if shift >= 0.02} == {}


def shift_of(page: Page, path: str) -> float:
    """What the browser's PerformanceObserver counts as the cumulative layout shift of a page."""
    page.goto(path)
    return page.evaluate(SHIFT)


def test_on_paper_there_is_nothing_to_press(movies: list[Movie], open_page: OpenPage, user: User) -> None:
    page = open_page()
    log_in(page, user, then="/recommendations/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
    for selector in (".site-header", ".tabs", ".filters", ".mark"):
        expect(page.locator(selector).first).to_be_hidden()
    expect(page.locator(".pick").first).to_be_visible()


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
