"""Browsing the catalogue: what is listed, in which order, with how many queries."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Movie, User
from tests.factories import GenreFactory, MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db


def titles(client: Client, query: str = "") -> list[str]:
    return [movie.title for movie in client.get(f"/movies/{query}").context["page"]]


def rated(title: str, *stars: float, **fields: object) -> Movie:
    movie = MovieFactory(title=title, **fields)
    for value in stars:
        RatingFactory(movie=movie, stars=value)
    return movie


def test_the_most_rated_movie_comes_first(client: Client) -> None:
    rated("Twice", 3, 3)
    rated("Three times", 1, 1, 1)
    assert titles(client) == ["Three times", "Twice"]


def test_withdrawn_movies_are_not_listed(client: Client) -> None:
    MovieFactory(withdrawn=True)
    assert titles(client) == []


@pytest.mark.parametrize("words", ["matrix", "the+matrix", "Matrix,+The", "MATRIX+the", "matr"])
def test_a_title_is_found_by_its_words_in_any_order(client: Client, words: str) -> None:
    MovieFactory(title="Matrix, The")
    MovieFactory(title="Alien")
    assert titles(client, f"?q={words}") == ["Matrix, The"]


def test_accents_do_not_matter_to_the_search(client: Client) -> None:
    MovieFactory(title="Amélie")
    assert titles(client, "?q=amelie") == ["Amélie"]


def test_the_list_is_narrowed_by_genre_and_years(client: Client) -> None:
    MovieFactory(title="In", genres=["Drama"], year=1990)
    MovieFactory(title="Other genre", genres=["Comedy"], year=1990)
    MovieFactory(title="Too old", genres=["Drama"], year=1980)
    assert titles(client, "?genre=drama&year_min=1985&year_max=1995") == ["In"]


def test_a_few_enthusiasts_do_not_outrank_many_who_like_a_movie(client: Client) -> None:
    rated("One enthusiast", 5)
    rated("Liked by many", *[4.5] * 30)
    assert titles(client, "?order=best") == ["Liked by many", "One enthusiast"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("newest", ["New", "Old", "Unknown"]), ("oldest", ["Old", "New", "Unknown"])],
)
def test_movies_without_a_year_come_last(client: Client, order: str, expected: list[str]) -> None:
    for title, year in (("Old", 1950), ("Unknown", None), ("New", 2000)):
        MovieFactory(title=title, year=year)
    assert titles(client, f"?order={order}") == expected


def test_titles_are_sorted_without_their_article_at_the_end(client: Client) -> None:
    for title in ("Zorro", "Birds, The", "Alien"):
        MovieFactory(title=title)
    assert titles(client, "?order=title") == ["Alien", "Birds, The", "Zorro"]


def test_a_member_may_list_what_is_not_rated_yet(member: Client, user: User) -> None:
    RatingFactory(user=user, movie=MovieFactory(title="Seen"))
    MovieFactory(title="Unseen")
    assert titles(member, "?shown=unseen") == ["Unseen"]
    assert titles(member, "?shown=seen") == ["Seen"]


def test_what_was_not_finished_counts_as_seen(member: Client, user: User) -> None:
    MarkFactory(user=user, kind="unfinished", movie__title="Turned off")
    MovieFactory(title="Unseen")
    assert titles(member, "?shown=unseen") == ["Unseen"]
    assert titles(member, "?shown=seen") == ["Turned off"]


def test_movies_with_few_ratings_are_left_out_on_demand(client: Client) -> None:
    rated("Twice", 3, 3)
    rated("Once", 5)
    assert titles(client, "?ratings_min=2") == ["Twice"]


def test_the_watchlist_of_others_is_not_mine(member: Client) -> None:
    MarkFactory(kind="watchlist")
    assert titles(member, "?shown=watchlist") == []


@pytest.mark.parametrize(
    "query",
    [
        "?year_min=abc",
        "?genre=nothing",
        "?order=worst",
        "?year_min=99999",
        "?page=x",
        "?page=-1",
        "?shown=x",
        "?ratings_min=0",
    ],
)
def test_a_filter_that_makes_no_sense_is_ignored(client: Client, query: str) -> None:
    MovieFactory(title="Still here")
    assert titles(client, query) == ["Still here"]


def test_a_span_of_years_the_wrong_way_round_is_explained(client: Client) -> None:
    answer = client.get("/movies/?year_min=2000&year_max=1990")
    assert "This year lies before the first one." in answer.text


def test_the_filters_stay_in_the_links_to_other_pages(client: Client) -> None:
    for _ in range(40):
        MovieFactory(title="Sequel")
    assert "?q=sequel&amp;order=title&amp;page=2" in client.get("/movies/?q=sequel&order=title").text


def test_an_empty_result_says_what_to_do(client: Client) -> None:
    assert "No movie fits all of this" in client.get("/movies/?q=xyzzy").text


def test_search_words_are_shown_escaped(client: Client) -> None:
    answer = client.get("/movies/", {"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("count", [3, 36])
def test_a_visitors_page_makes_four_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    genre = GenreFactory()
    for _ in range(count):
        MovieFactory(genres=[genre])
    with django_assert_num_queries(4):  # count, which movies, their cards, the genres to choose from
        client.get("/movies/")


@pytest.mark.parametrize("count", [3, 36])
def test_a_members_page_makes_eight_queries(
    member: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        RatingFactory(user=user, movie=MovieFactory(genres=["Drama"]))
    with django_assert_num_queries(8):  # besides: session, user, my ratings, my marks
        member.get("/movies/")
