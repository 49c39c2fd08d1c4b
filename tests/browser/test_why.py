"""Why a movie is listed, and ratings that count less, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Influence, Movie, User
from recommendations.models import ModelVersion
from tests.browser.conftest import OpenPage, log_in
from tests.browser.test_quality import faults
from tests.factories import RatingFactory

EVERYWHERE = pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
EITHER_WAY = pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])


def explained(page: Page, user: User) -> None:
    """Open the explanation of the first movie of the list."""
    for title in ("Horror night 45", "Horror night 46", "Comedy night 16"):
        RatingFactory(user=user, movie=Movie.objects.get(title=title), stars=5.0)
    log_in(page, user, then="/recommendations/")
    page.get_by_role("link", name="Why this?").first.click()
    expect(page.locator(".why").first).to_contain_text("it stands at place 1.")


@EVERYWHERE
@EITHER_WAY
def test_a_rating_is_used_less_from_the_explanation_and_fully_again_by_undo(
    live_world: ModelVersion, open_page: OpenPage, user: User, phone: bool, javascript: bool
) -> None:
    page = open_page(phone=phone, dark=phone, javascript=javascript)
    explained(page, user)
    if javascript:
        assert not faults(page)
    page.locator(".why").get_by_role("button", name="Do not use it").first.click()
    expect(page.locator("#messages")).to_contain_text("no longer counts for recommendations")
    assert Influence.objects.get().weight == Influence.NOTHING
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("counts fully again")
    assert not Influence.objects.exists()


@EITHER_WAY
def test_sliders_and_minimum_stars_stay_in_the_address(
    live_world: ModelVersion, open_page: OpenPage, user: User, javascript: bool
) -> None:
    RatingFactory(user=user, movie=Movie.objects.get(title="Horror night 45"), stars=5.0)
    page = open_page(javascript=javascript)
    log_in(page, user, then="/recommendations/")
    page.get_by_label("Well known or not").fill("100")
    page.get_by_label("Predicted, at least").select_option("2.5")
    if not javascript:
        page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/recommendations/?*obscurity=100*min_predicted_rating=2.5*")
    page.reload()
    expect(page.get_by_label("Well known or not")).to_have_value("100")
    expect(page.locator(".pick").first).to_be_visible()
