"""My taste in figures."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import User
from catalog.tastes import taste_of
from tests.factories import RatingFactory

pytestmark = pytest.mark.django_db


def rate(user: User, stars: float, *genres: str, year: int | None = 1994) -> None:
    RatingFactory(user=user, stars=stars, movie__genres=genres, movie__year=year)


def test_genres_are_counted_and_averaged(user: User) -> None:
    rate(user, 5.0, "Drama", "War")
    rate(user, 4.0, "Drama")
    groups = {group.name: (group.count, group.mean) for group in taste_of(user).genres}
    assert groups == {"Drama": (2, 4.5), "War": (1, 5.0)}


def test_decades_come_in_their_order(user: User) -> None:
    for year in (2001, 1994, 1990, None):
        rate(user, 3.0, year=year)
    assert [(group.name, group.count) for group in taste_of(user).decades] == [("1990", 2), ("2000", 1)]


def test_favourites_are_liked_better_than_the_rest(user: User) -> None:
    for _ in range(3):
        rate(user, 5.0, "Drama")
        rate(user, 2.0, "Horror")
    rate(user, 5.0, "Western")  # once says little
    assert [group.name for group in taste_of(user).favourites] == ["Drama"]


def test_the_way_to_ratings_that_count_less_is_shown(member: Client, user: User) -> None:
    rate(user, 4.0, "Drama")
    assert 'href="/recommendations/less-used/"' in member.get("/accounts/my-taste/").text


def test_the_ratings_of_others_do_not_count(user: User) -> None:
    RatingFactory(movie__genres=["Drama"])
    assert taste_of(user).count == 0


def test_without_ratings_the_page_says_how_to_begin(member: Client) -> None:
    assert 'class="empty"' in member.get("/accounts/my-taste/").text


@pytest.mark.parametrize("ratings", [1, 12])
def test_the_page_takes_seven_queries(
    member: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, ratings: int
) -> None:
    for _ in range(ratings):
        rate(user, 4.0, "Drama")
    with django_assert_num_queries(7):  # session, user; overall, genres, decades, stars; history
        member.get("/accounts/my-taste/")
