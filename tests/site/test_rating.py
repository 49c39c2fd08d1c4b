"""Rating and marking: with and without htmx, and by nobody but the user."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Mark, Rating, User
from tests.factories import MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/movies/"}


def rate(client: Client, movie_id: int, stars: str, **more: str):
    return client.post(reverse("movie-rate", args=[movie_id]), {"stars": stars, **more})


def test_stars_are_stored_and_the_reader_returns_to_the_page(member: Client, user: User) -> None:
    movie = MovieFactory()
    answer = rate(member, movie.pk, "3.5", next="/movies/?q=alien")
    assert (answer.status_code, answer["Location"]) == (302, "/movies/?q=alien")
    assert Rating.objects.get(user=user, movie=movie).stars == 3.5


def test_rating_again_replaces_the_stars(member: Client, user: User) -> None:
    rating = RatingFactory(user=user, stars=2.0)
    rate(member, rating.movie_id, "5")
    assert Rating.objects.get(user=user).stars == 5


def test_empty_stars_remove_the_rating_and_offer_to_undo(member: Client, user: User) -> None:
    rating = RatingFactory(user=user, stars=4.5)
    rate(member, rating.movie_id, "", next="/movies/")
    page = member.get("/movies/").text
    assert not Rating.objects.exists()
    assert '<input type="hidden" name="stars" value="4.5">' in page
    assert "Undo" in page


def test_empty_stars_without_a_rating_change_nothing_and_say_nothing(member: Client) -> None:
    movie = MovieFactory()
    rate(member, movie.pk, "")
    assert "is removed" not in member.get(movie.get_absolute_url()).text


def test_undoing_a_removal_brings_the_stars_back(member: Client, user: User) -> None:
    rating = RatingFactory(user=user, stars=4.5)
    rate(member, rating.movie_id, "")
    rate(member, rating.movie_id, "4.5")
    assert Rating.objects.get(user=user).stars == 4.5


@pytest.mark.parametrize("stars", ["0", "5.5", "3.3", "abc", "-1", "nan", "inf"])
def test_other_numbers_are_refused(member: Client, stars: str) -> None:
    assert rate(member, MovieFactory().pk, stars).status_code == 400
    assert not Rating.objects.exists()


def test_ratings_of_others_are_never_touched(member: Client) -> None:
    other = RatingFactory(stars=1.0)
    rate(member, other.movie_id, "")
    rate(member, other.movie_id, "5")
    other.refresh_from_db()
    assert other.stars == 1.0


def test_a_visitor_is_sent_to_the_log_in_page(client: Client) -> None:
    movie = MovieFactory()
    answer = rate(client, movie.pk, "4", next=f"/movies/{movie.pk}/")
    assert answer["Location"] == f"/accounts/login/?next=/movies/{movie.pk}/"


def test_a_visitor_with_htmx_leaves_the_page_for_the_log_in_page(client: Client) -> None:
    answer = client.post(reverse("movie-rate", args=[MovieFactory().pk]), {"stars": "4"}, headers=HTMX)
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fmovies%2F"


def test_htmx_gets_the_control_alone_and_an_event(member: Client) -> None:
    answer = member.post(reverse("movie-rate", args=[MovieFactory().pk]), {"stars": "4"}, headers=HTMX)
    assert answer["HX-Trigger"] == '{"rated": {}}'
    assert "<html" not in answer.text
    assert answer.text.count("checked") == 1


def test_a_withdrawn_movie_is_not_rated(member: Client) -> None:
    assert rate(member, MovieFactory(withdrawn=True).pk, "4").status_code == 404


def test_reading_the_address_rates_nothing(member: Client) -> None:
    assert member.get(reverse("movie-rate", args=[MovieFactory().pk])).status_code == 405


def test_a_form_without_token_is_refused(user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    answer = rate(strict, MovieFactory().pk, "4")
    assert answer.status_code == 403
    assert "This form has expired" in answer.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(member: Client, elsewhere: str) -> None:
    movie = MovieFactory()
    assert rate(member, movie.pk, "4", next=elsewhere)["Location"] == f"/movies/{movie.pk}/"


@pytest.mark.parametrize("kind", Mark.Kind.values)
def test_marks_are_set_and_taken_back(member: Client, user: User, kind: str) -> None:
    url = reverse("movie-mark", args=[MovieFactory().pk])
    member.post(url, {"kind": kind, "on": "1"})
    assert user.marks.get().kind == kind
    member.post(url, {"kind": kind})
    assert not user.marks.exists()


def test_an_unknown_mark_is_refused(member: Client) -> None:
    assert member.post(reverse("movie-mark", args=[MovieFactory().pk]), {"kind": "x"}).status_code == 400


def test_marks_of_others_are_never_touched(member: Client) -> None:
    mark = MarkFactory(kind="watchlist")
    member.post(reverse("movie-mark", args=[mark.movie_id]), {"kind": "watchlist"})
    assert Mark.objects.filter(pk=mark.pk).exists()


def test_a_hidden_row_goes_away_and_can_be_brought_back(member: Client) -> None:
    url = reverse("movie-mark", args=[MovieFactory().pk])
    answer = member.post(url, {"kind": "hidden", "on": "1", "shape": "row"}, headers=HTMX)
    assert "pick" not in answer.text
    assert 'hx-swap-oob="innerHTML"' in answer.text
    assert "Undo" in answer.text
