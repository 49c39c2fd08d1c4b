"""What people come for, from end to end in a real browser."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from catalog.models import Mark, Movie, Rating, User
from recommendations.models import ModelVersion
from tests.browser.conftest import OpenPage, log_in
from tests.factories import MarkFactory, MovieFactory, RatingFactory

EVERYWHERE = pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
EITHER_WAY = pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill("a-long-good-one")
    page.get_by_label("Password confirmation").fill("a-long-good-one")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/accounts/taste/")


def give_stars(page: Page, form: str, stars: str, *, javascript: bool) -> None:
    page.locator(form).get_by_label(stars, exact=True).check()
    if javascript:
        expect(page.locator(form).get_by_role("button", name="Remove")).to_be_visible()
    else:
        page.locator(form).get_by_role("button", name="Save").click()


@EVERYWHERE
@EITHER_WAY
def test_sign_up_rate_three_and_get_a_personal_list(
    live_world: ModelVersion, open_page: OpenPage, phone: bool, javascript: bool
) -> None:
    page = open_page("/", phone=phone, javascript=javascript)
    sign_up(page, "newcomer")
    for _ in range(3):
        form = page.locator("form.rate:not(:has(input:checked))").first.get_attribute("id")
        give_stars(page, f"#{form}", "5 stars", javascript=javascript)
    expect(page.get_by_text("3 rated.")).to_be_visible()
    page.get_by_role("link", name="Show my list").click()
    expect(page.get_by_text("Picked for you, from your ratings")).to_be_visible()
    expect(page.locator(".pick").first).to_contain_text("Because you rated")
    assert Rating.objects.filter(user__username="newcomer").count() == 3


@EITHER_WAY
def test_rating_in_the_list_changes_the_list_at_once(
    live_world: ModelVersion, open_page: OpenPage, user: User, javascript: bool
) -> None:
    RatingFactory(user=user, movie=Movie.objects.get(title="Horror night 45"), stars=5.0)
    page = open_page(javascript=javascript)
    log_in(page, user, then="/recommendations/")
    first = page.locator(".pick-title").first.inner_text()
    page.locator(".pick form.rate").first.get_by_label("1 star", exact=True).check()
    if not javascript:
        page.locator(".pick form.rate").first.get_by_role("button", name="Save").click()
    expect(page.locator(".picks")).not_to_contain_text(first)
    expect(page.locator("#messages")).to_contain_text(f"You gave {first} 1 star.")


def test_stars_given_just_before_the_list_changes_are_kept(
    live_world: ModelVersion, open_page: OpenPage, user: User
) -> None:
    page = open_page()
    log_in(page, user, then="/recommendations/")
    first, second = page.locator(".pick-title").all_inner_texts()[:2]

    def give_more_stars(change: Route) -> None:
        answer = change.fetch()
        page.locator(".pick form.rate").nth(1).get_by_label("4 stars", exact=True).check()
        change.fulfill(response=answer)

    page.route("**/recommendations/", give_more_stars, times=1)
    page.locator(".pick form.rate").nth(0).get_by_label("4 stars", exact=True).check()
    expect(page.locator("#messages")).to_contain_text(f"You gave {second} 4 stars.")
    for title in (first, second):
        expect(page.get_by_role("heading", name=title, exact=True)).to_have_count(0)
    assert Rating.objects.filter(user=user).count() == 2


def test_stars_that_could_not_be_saved_go_out_and_the_list_goes_on(
    live_world: ModelVersion, open_page: OpenPage, user: User
) -> None:
    page = open_page(complain=False)  # the browser reports what it cannot send
    log_in(page, user, then="/recommendations/")
    first, second = page.locator(".pick form.rate").nth(0), page.locator(".pick form.rate").nth(1)
    title = page.locator(".pick-title").nth(1).inner_text()
    page.route("**/rate/", lambda attempt: attempt.abort(), times=1)
    first.get_by_label("4 stars", exact=True).check()
    expect(page.locator("#messages")).to_contain_text("Nothing was saved.")
    expect(first.get_by_label("4 stars", exact=True)).not_to_be_checked()
    second.get_by_label("4 stars", exact=True).check()
    expect(page.get_by_role("heading", name=title, exact=True)).to_have_count(0)


def test_a_hidden_movie_leaves_the_list_and_comes_back_by_undo(
    live_world: ModelVersion, open_page: OpenPage, user: User
) -> None:
    RatingFactory(user=user, movie=Movie.objects.get(title="Horror night 45"), stars=5.0)
    page = open_page()
    log_in(page, user, then="/recommendations/")
    first = page.locator(".pick-title").first.inner_text()
    page.locator(".pick").first.get_by_role("button", name="Not interested").click()
    expect(page.locator(".pick-list")).not_to_contain_text(first)
    assert Mark.objects.get(user=user).kind == Mark.Kind.HIDDEN
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".pick-list")).to_contain_text(first)


def test_filters_of_the_list_stay_in_the_address(
    live_world: ModelVersion, open_page: OpenPage, user: User
) -> None:
    RatingFactory(user=user, movie=Movie.objects.get(title="Horror night 45"), stars=5.0)
    page = open_page()
    log_in(page, user, then="/recommendations/")
    page.get_by_label("Genre").select_option("Comedy")
    page.wait_for_url("**/recommendations/?*genre=comedy*")
    expect(page.locator(".pick").first).to_contain_text("Comedy night")
    page.reload()
    expect(page.locator(".pick").first).to_contain_text("Comedy night")


@EVERYWHERE
@EITHER_WAY
def test_a_movie_is_found_by_a_word_of_its_title(
    movies: list[Movie], open_page: OpenPage, phone: bool, javascript: bool
) -> None:
    page = open_page("/movies/", phone=phone, javascript=javascript)
    page.get_by_label("Title", exact=True).fill("matrix the")
    if not javascript:
        page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("link", name="The Matrix").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Matrix")


@EVERYWHERE
def test_filters_that_make_no_sense_are_named_and_the_others_work(
    movies: list[Movie], open_page: OpenPage, phone: bool
) -> None:
    page = open_page("/movies/", phone=phone)
    page.get_by_label("From year").fill("2000")
    page.get_by_label("To year").fill("1990")
    expect(page.locator("#results")).to_contain_text("To year: This year lies before the first one.")
    page.get_by_label("Ratings, at least").fill("0")
    expect(page.locator("#results")).to_contain_text("Ratings, at least: Ensure this value is")
    page.get_by_label("From year").fill("1979")
    expect(page.locator("#results")).not_to_contain_text("To year")
    expect(page.locator(".card").first).to_contain_text("Alien")


def test_browsing_goes_back_with_the_browsers_button(movies: list[Movie], open_page: OpenPage) -> None:
    page = open_page("/movies/")
    page.get_by_label("Genre").select_option("Western")
    expect(page.locator(".card")).to_have_count(1)
    page.go_back()
    expect(page.locator(".card")).to_have_count(len(movies))


def test_after_going_back_the_filters_open_on_a_phone_and_say_what_is_shown(
    live_world: ModelVersion, open_page: OpenPage, user: User
) -> None:
    page = open_page(phone=True)
    log_in(page, user, then="/recommendations/")
    page.locator(".filters summary").click()
    page.get_by_label("Genre").select_option("Comedy")
    page.wait_for_url("**/recommendations/?*genre=comedy*")
    page.go_back()
    expect(page.locator("main")).to_contain_text("Action night")
    page.locator(".filters summary").click()
    expect(page.get_by_label("Genre")).to_be_visible()
    expect(page.get_by_label("Genre")).to_have_value("")


def test_stars_are_given_by_keyboard_alone(movies: list[Movie], open_page: OpenPage, user: User) -> None:
    page = open_page()
    log_in(page, user, then=f"/movies/{movies[0].pk}/")
    page.get_by_label("half a star", exact=True).focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    expect(page.get_by_label("4½ stars", exact=True)).to_be_focused()
    assert Rating.objects.get(user=user).stars == 4.5
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("4½ stars", exact=True)).to_be_checked()
    assert Rating.objects.get(user=user).stars == 4.5


@EITHER_WAY
def test_enter_on_a_star_saves_it_and_removes_nothing(
    movies: list[Movie], open_page: OpenPage, user: User, javascript: bool
) -> None:
    RatingFactory(user=user, movie=movies[0], stars=3.0)
    page = open_page(javascript=javascript)
    log_in(page, user, then=f"/movies/{movies[0].pk}/")
    page.get_by_label("3 stars", exact=True).press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".rate-figure")).to_have_text("3½")
    assert Rating.objects.get(user=user).stars == 3.5


def test_a_button_that_has_just_come_needs_no_new_page(
    movies: list[Movie], open_page: OpenPage, user: User
) -> None:
    page = open_page()
    log_in(page, user, then=f"/movies/{movies[0].pk}/")
    page.evaluate(
        """() => {
            window.still = "here";
            new MutationObserver((_, observer) => {
                const remove = document.querySelector("form.rate [id^=unrate]");
                if (!remove) return;
                observer.disconnect();
                remove.focus();
                remove.click();
            }).observe(document.body, {childList: true, subtree: true});
        }"""
    )
    page.get_by_label("5 stars", exact=True).check()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    assert page.evaluate("window.still") == "here"


@EVERYWHERE
def test_half_a_star_is_given_by_mouse_or_by_touch(
    movies: list[Movie], open_page: OpenPage, user: User, phone: bool
) -> None:
    page = open_page(phone=phone)
    log_in(page, user, then=f"/movies/{movies[0].pk}/")
    page.locator(".stars").scroll_into_view_if_needed()
    box = page.locator(".stars").bounding_box()
    assert box is not None
    point = page.touchscreen.tap if phone else page.mouse.click
    point(box["x"] + box["width"] * 0.65, box["y"] + box["height"] / 2)
    expect(page.locator(".rate-figure")).to_have_text("3½")
    assert Rating.objects.get(user=user).stars == 3.5


def test_everybodys_figures_follow_my_rating(movies: list[Movie], open_page: OpenPage, user: User) -> None:
    page = open_page()
    log_in(page, user, then=f"/movies/{movies[0].pk}/")
    expect(page.locator("#audience")).to_contain_text("6 ratings")
    page.get_by_label("5 stars", exact=True).check()
    expect(page.locator("#audience")).to_contain_text("7 ratings")


def test_watchlist_and_prediction_follow_my_rating(rater: User, open_page: OpenPage) -> None:
    movie = Movie.objects.get(title="Horror night 47")
    MarkFactory(user=rater, movie=movie, kind="watchlist")
    page = open_page()
    log_in(page, rater, then=f"/movies/{movie.pk}/")
    panel = page.get_by_role("region", name="Your rating")
    expect(panel).to_contain_text("predicted for you")
    page.get_by_label("5 stars", exact=True).check()
    expect(page.get_by_role("button", name="Watchlist")).to_have_attribute("aria-pressed", "false")
    expect(panel).not_to_contain_text("predicted for you")
    page.get_by_role("button", name="Remove").click()
    expect(panel).to_contain_text("predicted for you")


@EITHER_WAY
def test_a_movie_is_put_on_the_watchlist(
    movies: list[Movie], open_page: OpenPage, user: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    log_in(page, user, then=f"/movies/{movies[0].pk}/")
    page.get_by_role("button", name="Watchlist").click()
    expect(page.get_by_role("button", name="Watchlist")).to_have_attribute("aria-pressed", "true")
    page.goto("/accounts/watchlist/")
    expect(page.locator(".card")).to_have_count(1)


@EVERYWHERE
@EITHER_WAY
def test_movies_are_sorted_for_the_reader_and_the_address_keeps_it(
    live_world: ModelVersion, open_page: OpenPage, user: User, phone: bool, javascript: bool
) -> None:
    RatingFactory(user=user, movie=Movie.objects.get(title="Horror night 45"), stars=5.0)
    page = open_page(phone=phone, javascript=javascript)
    log_in(page, user, then="/movies/?ratings_min=2")
    page.get_by_label("Sort by").select_option("Best for me")
    if not javascript:
        page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".card .predicted").first).to_be_visible()
    expect(page).to_have_url(re.compile("ratings_min=2.*order=predicted"))
    figures = [float(text.split(":")[-1]) for text in page.locator(".card .predicted").all_inner_texts()]
    assert figures == sorted(figures, reverse=True)


@EITHER_WAY
def test_a_movie_that_was_not_finished_is_noted_and_the_note_undone(
    movies: list[Movie], open_page: OpenPage, user: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    log_in(page, user, then=f"/movies/{movies[0].pk}/")
    page.get_by_role("button", name="Watchlist").click()
    expect(page.get_by_role("button", name="Watchlist")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Did not finish").click()
    expect(page.get_by_role("button", name="Watchlist")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Did not finish")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="Watchlist")).to_have_attribute("aria-pressed", "true")


@EITHER_WAY
def test_the_picker_asks_about_others_when_a_movie_was_not_seen(
    movies: list[Movie], open_page: OpenPage, user: User, javascript: bool
) -> None:
    MovieFactory.create_batch(12)
    page = open_page(javascript=javascript)
    log_in(page, user, then="/accounts/taste/")
    title = page.locator(".rate-card h2").first.inner_text()
    page.locator(".rate-card").first.get_by_role("button", name="Haven't seen it").click()
    expect(page.locator(".rate-grid")).not_to_contain_text(title)
    expect(page.locator(".rate-card")).to_have_count(18)
    if javascript:
        page.locator(".rate-card").first.get_by_label("4 stars", exact=True).check()
        expect(page.locator(".rate-card")).to_have_count(19)


def test_a_visitor_comes_back_to_the_movie_after_logging_in(
    movies: list[Movie], open_page: OpenPage, user: User
) -> None:
    page = open_page(f"/movies/{movies[0].pk}/")
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("a-password-for-tests")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(rf"/movies/{movies[0].pk}/$"))


def test_the_keyboard_skips_to_the_content(movies: list[Movie], open_page: OpenPage) -> None:
    page = open_page("/movies/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@EITHER_WAY
def test_the_language_changes_and_the_page_stays(
    movies: list[Movie], open_page: OpenPage, javascript: bool
) -> None:
    page = open_page("/movies/?order=title", javascript=javascript)
    page.get_by_role("button", name="DE").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_url(re.compile(r"/movies/\?order=title$"))


def test_the_language_changes_and_filters_that_were_set_meanwhile_stay(
    movies: list[Movie], open_page: OpenPage
) -> None:
    page = open_page("/movies/")
    page.get_by_label("Genre").select_option("Western")
    page.wait_for_url("**/movies/?*genre=western*")
    page.get_by_role("button", name="DE").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".card")).to_have_count(1)


def test_the_account_menu_opens_and_closes_by_keyboard(
    movies: list[Movie], open_page: OpenPage, user: User
) -> None:
    page = open_page()
    log_in(page, user)
    summary = page.locator(".menu summary")
    summary.press("Enter")
    expect(page.get_by_role("link", name="Profile")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Profile")).to_be_hidden()
    expect(summary).to_be_focused()


@EITHER_WAY
def test_an_account_is_deleted_after_asking_for_the_password_and_offered_back(
    movies: list[Movie], open_page: OpenPage, user: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    log_in(page, user, then="/accounts/profile/")
    page.get_by_role("link", name="Delete the account").click()
    page.get_by_label("Your password").fill("a-password-for-tests")
    page.get_by_role("button", name="Delete the account").click()
    expect(page.locator("#messages")).to_contain_text("You are logged out")
    assert User.objects.leaving().get() == user
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("a-password-for-tests")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Keep my account").click()
    expect(page.locator("#messages")).to_contain_text("Everything is as it was")
    assert not User.objects.leaving().exists()


@EITHER_WAY
def test_ratings_are_brought_along_from_letterboxd(
    movies: list[Movie], open_page: OpenPage, user: User, javascript: bool
) -> None:
    lines = ["Date,Name,Year,Letterboxd URI,Rating"]
    lines += ["2021-05-03,Alien,1979,x,4.5", "2021-05-03,Fargo,1990,x,5", "2021-05-03,Nowhere,1990,x,1"]
    page = open_page(javascript=javascript)
    log_in(page, user, then="/accounts/import/")
    content = "\n".join(lines).encode()
    page.get_by_label("CSV or zip file").set_input_files(
        {"name": "ratings.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("heading", name="1 new rating")).to_be_visible()
    expect(page.get_by_role("heading", name="1 not in this catalogue")).to_be_visible()
    page.get_by_label("Fargo (1990)").select_option("Fargo (1996)")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".import-report")).to_contain_text("2 ratings are imported.")
    expect(page.locator(".import-report")).to_contain_text("1 is not in this catalogue")
    assert Rating.objects.filter(user=user).count() == 2


@EVERYWHERE
def test_the_search_field_suggests_titles_in_spite_of_a_typing_error(
    movies: list[Movie], open_page: OpenPage, phone: bool
) -> None:
    page = open_page("/movies/" if phone else "/", phone=phone)
    if phone:  # the search field of the header makes way for that of the page
        page.get_by_label("Title", exact=True).fill("casblanca")
        page.get_by_role("heading", name="Did you mean one of these?").wait_for()
    else:
        page.get_by_label("Search for a title").press_sequentially("casblanca")
        page.locator(".suggestions a").first.wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Casablanca")
