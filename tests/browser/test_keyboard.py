"""Every flow by the keyboard alone: only Tab, arrows, Enter, Space and letters."""

from playwright.sync_api import Locator, Page, expect

from catalog.models import Influence, Mark, Membership, Movie, Rating, User
from recommendations.models import ModelVersion
from tests.browser.conftest import OpenPage, log_in
from tests.browser.test_quality import RATINGS_FILE
from tests.factories import PASSWORD, MovieFactory, RatingFactory, UserFactory

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


def test_from_a_file_of_ratings_to_the_report(movies: list[Movie], open_page: OpenPage, user: User) -> None:
    page = open_page()
    page.on("filechooser", lambda chooser: None)  # is told from here on, and not only once a key was pressed
    log_in(page, user, then="/accounts/import/")
    tab_to(page, page.get_by_label("CSV or zip file"))
    with page.expect_file_chooser(timeout=30_000) as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files({"name": "ratings.csv", "mimeType": "text/csv", "buffer": RATINGS_FILE})
    press(page, "Look at the file")
    page.wait_for_url("**/confirm/")
    tab_to(page, page.get_by_label("Fargo (1990)"))
    page.keyboard.type("Fargo")  # the option of that name
    press(page, "Import")
    expect(page.locator(".import-report")).to_contain_text("3 ratings are imported.")


def test_the_picker_goes_on_to_the_next_movie(movies: list[Movie], open_page: OpenPage, user: User) -> None:
    MovieFactory.create_batch(12)
    page = open_page()
    log_in(page, user, then="/accounts/taste/")
    title = page.locator(".rate-card h2").first.inner_text()
    press(page, "Haven't seen it")
    expect(page.locator(".rate-grid")).not_to_contain_text(title)
    expect(page.locator("main :focus")).to_be_attached()


def test_from_my_ratings_to_those_that_count_less(
    movies: list[Movie], open_page: OpenPage, user: User
) -> None:
    rating = RatingFactory(user=user, movie=movies[0], stars=3.0)
    Influence.objects.create(rating=rating, weight=Influence.LESS)
    page = open_page()
    log_in(page, user, then="/accounts/ratings/")
    press(page, "Best", role="link")
    tab_to(page, page.get_by_label("3 stars", exact=True))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".rate-figure")).to_have_text("3½")
    press(page, "Ratings that count less", role="link")
    press(page, "Use it fully")
    expect(page.locator("#messages")).to_contain_text("counts fully again")
    rating.refresh_from_db()
    assert rating.stars == 3.5


def test_from_a_new_group_to_one_list_for_two(movies: list[Movie], open_page: OpenPage, user: User) -> None:
    adas, bens = open_page(), open_page()
    ben = UserFactory(username="ben")
    log_in(adas, user, then="/together/")
    type_into(adas, "Name of the group", "Fridays")
    adas.keyboard.press("Enter")
    adas.wait_for_url("**/together/*/")
    press(adas, "Make a link")
    expect(adas.get_by_label("Link to pass on")).to_be_visible()
    type_into(adas, "User name", "ben")
    adas.keyboard.press("Enter")
    expect(adas.locator("#messages")).to_contain_text("your invitation is waiting")
    log_in(bens, ben, then="/together/")
    press(bens, "Agree and join")
    expect(bens.locator(".pick").first).to_be_visible()
    press(bens, "I would watch a movie again")
    expect(bens.get_by_role("button", name="Leave out what I have seen")).to_be_visible()
    press(bens, "Leave")
    expect(bens.locator("#messages")).to_contain_text("You have left Fridays")
    assert Membership.objects.get().user == user


def test_stars_are_chosen_slowly_in_my_list_and_it_changes_when_the_keyboard_leaves_it(
    live_world: ModelVersion, open_page: OpenPage, user: User
) -> None:
    page = open_page()
    log_in(page, user, then="/recommendations/")
    title = page.locator(".pick-title").first.inner_text()
    tab_to(page, page.locator(".pick").first.get_by_label("half a star", exact=True))
    page.keyboard.press("Space")
    for figure in ("1", "1½"):
        page.wait_for_timeout(1000)  # longer than it takes a list to be fetched after a rating
        page.keyboard.press("ArrowRight")
        expect(page.locator(".pick").first.locator(".rate-figure")).to_have_text(figure)
    expect(page.locator(".pick").first.get_by_label("1½ stars", exact=True)).to_be_focused()
    assert Rating.objects.get(user=user).stars == 1.5
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("heading", name=title, exact=True)).to_have_count(0)


def test_from_the_filters_of_my_list_to_a_rating_that_counts_less(
    live_world: ModelVersion, open_page: OpenPage, user: User
) -> None:
    RatingFactory(user=user, movie=Movie.objects.get(title="Horror night 45"), stars=5.0)
    page = open_page()
    log_in(page, user, then="/recommendations/")
    tab_to(page, page.get_by_label("Variety"))
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**diversity=10**")
    press(page, "Why this?", role="link")
    press(page, "Do not use it")
    expect(page.locator("#messages")).to_contain_text("no longer counts")
    tab_to(page, page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("counts fully again")
