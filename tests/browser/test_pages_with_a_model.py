"""The pages that look different once a model is at work: accessible, fitting, steady; with screenshots."""

from catalog import watch_groups
from catalog.models import Movie, User
from tests.browser.conftest import OpenPage, keep_screenshot, log_in
from tests.browser.test_quality import TWO_LOOKS, faults, named, shift_of
from tests.factories import UserFactory


def paths_for(user: User) -> list[str]:
    movie = Movie.objects.get(title="Horror night 47")
    own = watch_groups.create_group(user, name="Fridays")
    others = watch_groups.create_group(UserFactory(username="ben"), name="Saturdays")
    watch_groups.join_by_link(User.objects.get(username="fan1"), watch_groups.make_link(own).token)
    return [
        "/",
        "/recommendations/",
        f"/recommendations/{movie.pk}/why/",
        movie.get_absolute_url(),
        "/movies/?order=predicted",
        "/accounts/my-taste/",
        f"/together/{own.pk}/",
        f"/together/{own.pk}/delete/",
        f"/together/join/{watch_groups.make_link(others).token}/",
        "/together/join/nothing/",
    ]


@TWO_LOOKS
def test_pages_with_a_model(rater: User, open_page: OpenPage, phone: bool, dark: bool) -> None:
    page = open_page(phone=phone, dark=dark, complain=False)  # of the link that leads nowhere
    log_in(page, rater)
    found = []
    for path in paths_for(rater):
        shift = shift_of(page, path)
        found += [f"{path} moves by {shift}"] if shift >= 0.02 else []
        found += faults(page)
        keep_screenshot(page, f"model-{named(phone=phone, dark=dark)}")
    assert not found
