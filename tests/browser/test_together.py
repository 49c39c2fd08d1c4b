"""Two people get to one list, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Movie, User
from recommendations.models import ModelVersion
from tests.browser.conftest import OpenPage, keep_screenshot, log_in
from tests.browser.test_quality import faults, named
from tests.factories import RatingFactory, UserFactory

TASTES = {"ada": ["Horror night 45", "Horror night 46"], "ben": ["Comedy night 16", "Comedy night 17"]}


def person(user: User) -> User:
    for title in TASTES[user.username]:
        RatingFactory(user=user, movie=Movie.objects.get(title=title), stars=5.0)
    return user


def passed_on_link(page: Page) -> str:
    """Make a group and a link into it."""
    page.get_by_label("Name of the group").fill("Fridays")
    page.get_by_role("button", name="Make the group").click()
    expect(page.locator("#picks")).to_contain_text("So far it is only you.")
    page.get_by_role("button", name="Make a link").click()
    return page.get_by_label("Link to pass on").input_value()


@pytest.mark.parametrize(
    ("phone", "dark", "javascript"),
    [(False, False, True), (True, True, False)],
    ids=["desktop-scripts", "phone-no-scripts"],
)
def test_who_makes_a_group_and_who_agrees_to_join_see_one_list(
    live_world: ModelVersion, open_page: OpenPage, user: User, phone: bool, dark: bool, javascript: bool
) -> None:
    adas, bens = (open_page(phone=phone, dark=dark, javascript=javascript) for _ in range(2))
    log_in(adas, person(user), then="/together/")
    link = passed_on_link(adas)
    expect(adas.get_by_role("button", name="Copy")).to_be_visible(visible=javascript)
    log_in(bens, person(UserFactory(username="ben")), then=link)
    expect(bens.get_by_role("main")).to_contain_text("how many stars we predict for you")
    bens.get_by_role("button", name="Agree and join").click()
    adas.reload()
    for page in (adas, bens):
        expect(page.locator("#picks")).to_contain_text("What pulls all of you most, and nobody has seen.")
        expect(page.locator(".pick").first.locator(".outlook-who")).to_have_text(["ada", "ben"])
    titles = adas.locator(".pick-title").all_inner_texts()
    assert bens.locator(".pick-title").all_inner_texts() == titles
    for path in (adas.url, "/together/"):
        adas.goto(path)
        if javascript:
            assert not faults(adas)
        keep_screenshot(adas, named(phone=phone, dark=dark))
