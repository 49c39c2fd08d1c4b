"""My ratings and my lists: mine alone."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Influence, User
from catalog.services import weigh_rating
from tests.factories import MarkFactory, RatingFactory

pytestmark = pytest.mark.django_db


def rated_titles(client: Client, query: str = "") -> list[str]:
    return [rating.movie.title for rating in client.get(f"/accounts/ratings/{query}").context["page"]]


def test_only_my_own_ratings_are_listed(member: Client, user: User) -> None:
    RatingFactory(movie__title="Not mine")
    RatingFactory(user=user, movie__title="Mine")
    assert rated_titles(member) == ["Mine"]


def test_the_latest_rating_comes_first(member: Client, user: User) -> None:
    for title in ("First", "Second"):
        RatingFactory(user=user, movie__title=title)
    assert rated_titles(member) == ["Second", "First"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("oldest", ["Good", "Awful"]),
        ("best", ["Good", "Awful"]),
        ("worst", ["Awful", "Good"]),
        ("title", ["Awful", "Good"]),
        ("nonsense", ["Awful", "Good"]),
    ],
)
def test_ratings_are_sorted_as_wished(member: Client, user: User, order: str, expected: list[str]) -> None:
    RatingFactory(user=user, movie__title="Good", stars=5.0)
    RatingFactory(user=user, movie__title="Awful", stars=0.5)
    assert rated_titles(member, f"?order={order}") == expected


def test_ratings_can_be_edited_in_place(member: Client, user: User) -> None:
    rating = RatingFactory(user=user)
    assert f'action="/movies/{rating.movie_id}/rate/"' in member.get("/accounts/ratings/").text


def test_my_ratings_show_which_of_them_count_less(member: Client, user: User) -> None:
    RatingFactory(user=user)
    weigh_rating(RatingFactory(user=user), weight=Influence.LESS)
    page = member.get("/accounts/ratings/").text
    assert page.count("counts half") == 1
    assert page.count('href="/recommendations/less-used/"') == 2  # that one, and above the list


@pytest.mark.parametrize("count", [2, 24])
def test_my_ratings_take_five_queries(
    member: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        RatingFactory(user=user, movie__genres=["Drama"])
    with django_assert_num_queries(5):  # session, user, count, ratings with movies, genres
        member.get("/accounts/ratings/")


@pytest.mark.parametrize("count", [2, 24])
@pytest.mark.parametrize("kind", ["watchlist", "hidden", "unfinished"])
def test_my_lists_take_five_queries(
    member: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, kind: str, count: int
) -> None:
    for _ in range(count):
        MarkFactory(user=user, kind=kind, movie__genres=["Drama"])
    with django_assert_num_queries(5):  # session, user, count, movies, genres
        member.get(f"/accounts/{kind}/")


@pytest.mark.parametrize(
    ("path", "kind"), [("watchlist", "watchlist"), ("hidden", "hidden"), ("unfinished", "unfinished")]
)
def test_each_list_shows_my_movies_of_its_kind(member: Client, user: User, path: str, kind: str) -> None:
    mark = MarkFactory(user=user, kind=kind)
    MarkFactory(kind=kind)
    MarkFactory(user=user, kind="hidden" if kind != "hidden" else "watchlist")
    assert list(member.get(f"/accounts/{path}/").context["page"]) == [mark.movie]


@pytest.mark.parametrize("path", ["ratings", "watchlist", "hidden", "unfinished"])
def test_an_empty_list_says_how_to_fill_it(member: Client, path: str) -> None:
    assert 'class="empty"' in member.get(f"/accounts/{path}/").text
