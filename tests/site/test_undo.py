"""Undo makes everything as it was: stars, the moment of the rating, the watchlist."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Mark, Rating, User
from catalog.notices import Undo
from tests.factories import FIRST_RATING, MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db


def undo(client: Client) -> None:
    """Send the form beside the message of the next page."""
    (message,) = client.get("/movies/").context["messages"]
    offered = Undo.from_tag(message.extra_tags)
    assert client.post(offered.url, offered.fields).status_code == 302


@pytest.mark.parametrize("stars", ["", "1.5"])
def test_a_rating_that_was_changed_or_removed_comes_back_with_its_date(
    member: Client, user: User, stars: str
) -> None:
    rating = RatingFactory(user=user, stars=4.5, rated_at=FIRST_RATING)
    member.post(reverse("movie-rate", args=[rating.movie_id]), {"stars": stars})
    undo(member)
    found = Rating.objects.get()
    assert (found.stars, found.rated_at) == (4.5, FIRST_RATING)


def test_the_inline_undo_restores_the_date_too(member: Client, user: User) -> None:
    rating = RatingFactory(user=user, stars=4.5, rated_at=FIRST_RATING)
    url = reverse("movie-rate", args=[rating.movie_id])
    answer = member.post(url, {"stars": ""}, headers={"HX-Request": "true"})
    assert f'formaction="{answer.context["undo"].url}"' in answer.text
    member.post(answer.context["undo"].url, {"stars": "4.5"})
    assert Rating.objects.get().rated_at == FIRST_RATING


def test_what_was_on_the_watchlist_before_it_was_rated_is_again(member: Client, user: User) -> None:
    mark = MarkFactory(user=user, kind=Mark.Kind.WATCHLIST)
    member.post(reverse("movie-rate", args=[mark.movie_id]), {"stars": "4"})
    assert not Mark.objects.exists()
    undo(member)
    assert Mark.objects.get().kind == Mark.Kind.WATCHLIST
    assert not Rating.objects.exists()


def test_what_was_not_finished_leaves_the_watchlist_until_that_is_undone(member: Client, user: User) -> None:
    mark = MarkFactory(user=user, kind=Mark.Kind.WATCHLIST)
    form = {"kind": "unfinished", "on": "1"}
    member.post(reverse("movie-mark", args=[mark.movie_id]), form)
    assert Mark.objects.get().kind == Mark.Kind.UNFINISHED
    undo(member)
    assert Mark.objects.get().kind == Mark.Kind.WATCHLIST


@pytest.mark.parametrize("rated_at", ["soon", "0001-01-01T00:00:00+00:00"])
def test_an_address_that_makes_no_sense_restores_nothing(member: Client, rated_at: str) -> None:
    url = reverse("movie-rate", args=[MovieFactory().pk], query={"rated_at": rated_at})
    assert member.post(url, {"stars": "4"}).status_code == 400
    assert not Rating.objects.exists()


def test_no_rating_is_dated_to_come(member: Client) -> None:
    url = reverse("movie-rate", args=[MovieFactory().pk], query={"rated_at": "2999-01-01T00:00:00+00:00"})
    member.post(url, {"stars": "4"})
    assert Rating.objects.get().rated_at.year < 2999
