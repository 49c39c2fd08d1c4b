"""The taste picker: known, diverse, telling movies, and others after each answer."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.cards import MovieCard
from catalog.models import User
from catalog.taste import movies_to_rate
from tests.factories import MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
TASTE = "/accounts/taste/"


def asked(client: Client) -> list[MovieCard]:
    return client.get(TASTE).context["movies"]


def test_the_picker_skips_what_was_rated_or_marked(user: User) -> None:
    RatingFactory(user=user)
    MarkFactory(user=user)
    fresh = MovieFactory()
    assert [card.id for card in movies_to_rate(user)] == [fresh.pk]


def test_the_picker_spreads_over_genres(user: User) -> None:
    for _ in range(5):
        MovieFactory(genres=["Action"])
    comedy = MovieFactory(genres=["Comedy"])
    assert comedy.pk in [card.id for card in movies_to_rate(user, limit=2)]


def test_the_picker_counts_down_to_a_personal_list(member: Client, user: User) -> None:
    RatingFactory(user=user)
    assert "2 more and your list is personal." in member.get("/accounts/taste/").text
    RatingFactory.create_batch(2, user=user)
    assert "Show my list" in member.get("/accounts/taste/").text


def test_the_picker_takes_six_queries(
    member: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        MovieFactory(genres=["Drama"])
    with django_assert_num_queries(6):  # session, user; my number of ratings, which, movies, their cards
        member.get("/accounts/taste/")


def test_a_movie_on_which_opinions_part_comes_first() -> None:
    loved, disputed = MovieFactory(), MovieFactory()
    RatingFactory(movie=loved, stars=5.0)
    RatingFactory(movie=disputed, stars=3.0)
    assert [card.id for card in movies_to_rate(RatingFactory().user)][:2] == [disputed.pk, loved.pk]


def test_kinds_that_were_not_seen_are_asked_about_less(user: User) -> None:
    old = MovieFactory.create_batch(3, genres=["Western"], year=1950)
    new = MovieFactory.create_batch(2, genres=["Drama"], year=1990)
    first = movies_to_rate(user, unseen=[movie.pk for movie in old[:2]], limit=1)
    assert [card.id for card in first] == [new[0].pk]


def test_what_was_not_seen_makes_way_for_others_and_stays_away(member: Client) -> None:
    MovieFactory.create_batch(20)
    before = asked(member)
    assert member.post(TASTE, {"unseen": before[0].pk})["Location"] == TASTE
    after = asked(member)
    assert before[0] not in after
    assert len(after) == len(before) == 18


def test_having_seen_none_of_them_brings_a_whole_new_set(member: Client) -> None:
    MovieFactory.create_batch(36)
    before = asked(member)
    member.post(TASTE, {"shown": [movie.pk for movie in before]})
    assert len(asked(member)) == 18
    assert not {*before} & {*asked(member)}


def test_with_htmx_one_card_takes_the_place_of_another(member: Client) -> None:
    MovieFactory.create_batch(20)
    shown = [movie.pk for movie in asked(member)]
    answer = member.post(TASTE, {"unseen": shown[0], "shown": shown}, headers=HTMX)
    (fresh,) = answer.context["movies"]
    assert fresh.pk not in shown
    assert "autofocus" in answer.text


def test_a_rating_makes_room_for_one_more_and_changing_it_for_none(member: Client, user: User) -> None:
    MovieFactory.create_batch(20)
    shown = [movie.pk for movie in asked(member)]
    RatingFactory(user=user, movie_id=shown[0])
    (fresh,) = member.get(TASTE, {"shown": shown}, headers=HTMX).context["movies"]
    assert member.get(TASTE, {"shown": [*shown, fresh.pk]}, headers=HTMX).context["movies"] == []


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 30, "٣"])
def test_numbers_that_are_none_are_passed_over(member: Client, value: str) -> None:
    MovieFactory()
    assert member.post(TASTE, {"unseen": value}).status_code == 302
    assert len(asked(member)) == 1
