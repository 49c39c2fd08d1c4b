"""The personal list: filters in the address, reasons, stars and buttons in each row."""

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.cards import MovieCard
from catalog.models import User
from recommendations.explanations import Reason
from recommendations.models import ServedList
from recommendations.serving import ListRequest, Recommendation, RecommendationList
from tests.factories import GenreFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db


def answer(count: int, *because: Reason) -> RecommendationList:
    movies = MovieFactory.create_batch(count, genres=["Drama"])
    results = [Recommendation(MovieCard.of(movie), 0.5, 4.23, because) for movie in movies]
    return RecommendationList(ServedList.Source.PERSONAL, 1, results)


@pytest.fixture
def recommend(db: None) -> Iterator[mock.Mock]:
    with mock.patch("recommendations.views.recommend", autospec=True) as recommend:
        recommend.return_value = answer(3)
        yield recommend


def test_the_filters_of_the_address_reach_the_recommender(
    member: Client, user: User, recommend: mock.Mock
) -> None:
    GenreFactory(name="Sci-Fi")
    member.get(
        "/recommendations/?genre=sci-fi&year_min=1980&year_max=1990&diversity=40&limit=40&obscurity=80&min_predicted_rating=3.5"
    )
    wanted = ListRequest(40, "sci-fi", 1980, 1990, 0.4, obscurity=0.8, min_predicted_rating=3.5)
    recommend.assert_called_once_with(user, wanted)


@pytest.mark.parametrize(
    "query",
    [
        "?diversity=500",
        "?obscurity=101",
        "?min_predicted_rating=9",
        "?limit=0",
        "?limit=1000000",
        "?genre=x",
        "?year_min=a",
    ],
)
def test_a_filter_that_makes_no_sense_is_left_out(
    member: Client, user: User, recommend: mock.Mock, query: str
) -> None:
    assert member.get(f"/recommendations/{query}").status_code == 200
    recommend.assert_called_once_with(user, ListRequest())


def test_stars_to_choose_from_are_written_as_everywhere(member: Client, recommend: mock.Mock) -> None:
    page = member.get("/recommendations/", headers={"accept-language": "de"}).text
    assert re.findall(r'<option value="([\d.]+)">(.+) ★</option>', page) == [
        ("2.5", "2½"),
        ("3", "3"),
        ("3.5", "3½"),
        ("4", "4"),
        ("4.5", "4½"),
    ]


@pytest.mark.parametrize("query", ["?year_min=2000&year_max=1990", "?diversity=500"])
def test_what_is_wrong_with_a_filter_stands_where_the_list_is_swapped(
    member: Client, recommend: mock.Mock, query: str
) -> None:
    address = f"/recommendations/{query}"
    assert (
        'role="alert"' in member.get(address, headers={"HX-Request": "true"}).text.partition('id="picks"')[2]
    )
    assert 'role="alert"' not in member.get(address).text  # which has it at the field


def test_each_row_has_a_prediction_reasons_and_stars(member: Client, recommend: mock.Mock) -> None:
    recommend.return_value = answer(1, Reason(7, "Alien", 4.5))
    page = member.get("/recommendations/").text
    assert "<strong>4.2</strong>" in page
    assert '<a href="/movies/7/">Alien</a>' in page
    assert "4½" in page
    assert page.count('type="radio"') == 10


def test_more_is_offered_as_a_link_that_keeps_the_filters(member: Client, recommend: mock.Mock) -> None:
    recommend.return_value = answer(20)
    assert "?diversity=40&amp;limit=40#pick-21" in member.get("/recommendations/?diversity=40").text


def test_no_more_is_offered_when_there_is_no_more(member: Client, recommend: mock.Mock) -> None:
    assert "Show more" not in member.get("/recommendations/").text


def test_an_empty_list_says_what_to_do(member: Client, recommend: mock.Mock) -> None:
    recommend.return_value = answer(0)
    assert "Nothing fits these filters" in member.get("/recommendations/").text


def test_the_list_is_made_from_ratings_as_they_are_now(member: Client, user: User) -> None:
    """The real recommender, without a model: popular movies, never a rated one."""
    rated, other = RatingFactory(user=user).movie, MovieFactory()
    shown = [found.movie.id for found in member.get("/recommendations/").context["answer"].results]
    assert shown == [other.pk]
    assert rated.pk not in shown


@pytest.mark.parametrize("rows", [1, 20])
def test_the_page_itself_takes_five_queries(
    member: Client, recommend: mock.Mock, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    recommend.return_value = answer(rows)
    with django_assert_num_queries(5):  # session, user, genres to choose from, my stars, my marks
        member.get("/recommendations/")
