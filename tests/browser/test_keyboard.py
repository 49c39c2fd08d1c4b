"""Every flow by the keyboard alone: only Tab, arrows, Enter, Space and letters."""

from playwright.sync_api import Locator, Page, expect

from catalog.models import Mark, Movie, Rating, User
from recommendations.models import ModelVersion
from tests.browser.conftest import OpenPage, log_in
from tests.factories import PASSWORD

MOST_TABS = 60


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def press(page: Page, name: str, *, role: str = "button") -> None:
    tab_to(page, page.get_by_role("main").get_by_role(role, name=name).first)  # type: ignore[arg-type]
    page.keyboard.press("Enter")


def type_into(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def test_from_sign_up_to_the_personal_list(live_world: ModelVersion, open_page: OpenPage) -> None:
    page = open_page("/accounts/signup/")
    type_into(page, "Username", "newcomer")
    type_into(page, "Password", "a-long-good-one")
    type_into(page, "Password confirmation", "a-long-good-one")
    page.keyboard.press("Enter")
    page.wait_for_url("**/taste/")
    for done in (1, 2, 3):
        tab_to(page, page.locator("form.rate:not(:has(input:checked)) input[type=radio]").first)
        page.keyboard.press("Space")
        expect(page.locator(".step.done")).to_have_count(min(done, 3))
    page.goto("/accounts/taste/")
    press(page, "Show my list", role="link")
    expect(page.locator(".pick").first).to_be_visible()
    assert Rating.objects.filter(user__username="newcomer").count() == 3


def test_from_browsing_to_a_rating_its_removal_and_the_marks(
    movies: list[Movie], open_page: OpenPage, user: User
) -> None:
    page = open_page()
    log_in(page, user, then="/movies/")
    type_into(page, "Title", "casblanca")
    expect(page.get_by_role("heading", name="Did you mean one of these?")).to_be_visible()
    press(page, "Casablanca", role="link")
    page.wait_for_url("**/movies/*/")
    tab_to(page, page.get_by_label("half a star", exact=True))
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    press(page, "Remove")
    press(page, "Undo")
    expect(page.get_by_label("3½ stars", exact=True)).to_be_checked()
    press(page, "Not interested")
    expect(page.get_by_role("button", name="Not interested")).to_have_attribute("aria-pressed", "true")
    assert Mark.objects.get(user=user).kind == Mark.Kind.HIDDEN


def test_from_the_profile_out_and_back_in(movies: list[Movie], open_page: OpenPage, user: User) -> None:
    page = open_page()
    log_in(page, user, then="/accounts/profile/")
    press(page, "Delete the account", role="link")
    type_into(page, "Your password", PASSWORD)
    press(page, "Delete the account")
    expect(page.locator("#messages")).to_contain_text("You are logged out")
    page.goto("/accounts/login/")
    type_into(page, "Username", user.username)
    type_into(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/restore/")
    press(page, "Keep my account")
    expect(page.locator("#messages")).to_contain_text("Everything is as it was")
