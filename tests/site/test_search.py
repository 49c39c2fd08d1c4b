"""Search suggestions: by any words of the title, and with a typing error."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.search import suggest
from tests.factories import MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db


def titles(search: str) -> list[str]:
    return [movie.title for movie in suggest(search)]


@pytest.mark.parametrize("search", ["matrix", "Matrix, The", "the matrix", "MATRIX!", "trix"])
def test_a_title_is_found_by_its_words(search: str) -> None:
    MovieFactory(title="Matrix, The")
    MovieFactory(title="Alien")
    assert titles(search) == ["Matrix, The"]


@pytest.mark.parametrize("search", ["matirx", "mtarix", "martix", "matrx", "matrixx", "the natrix"])
def test_one_typing_error_is_forgiven(search: str) -> None:
    MovieFactory(title="Matrix, The")
    MovieFactory(title="Alien")
    assert titles(search) == ["Matrix, The"]


def test_a_missing_hyphen_is_forgiven() -> None:
    MovieFactory(title="Spider-Man 2")
    assert titles("spiderman") == ["Spider-Man 2"]


def test_titles_that_begin_with_the_words_come_first() -> None:
    RatingFactory(movie__title="The Return of Batman")
    MovieFactory(title="Batman Begins")
    assert titles("batman") == ["Batman Begins", "The Return of Batman"]


@pytest.mark.parametrize("search", ["", "   ", "...", "zzzzqqqq", "%", "_"])
def test_what_is_no_title_finds_nothing(search: str) -> None:
    MovieFactory(title="Alien")
    assert titles(search) == []


def test_withdrawn_movies_are_not_suggested() -> None:
    MovieFactory(title="Alien", withdrawn=True)
    assert titles("alien") == titles("alein") == []


def test_the_search_field_gets_links(client: Client) -> None:
    movie = MovieFactory(title="Alien")
    page = client.get("/movies/suggestions/?q=ali").text
    assert f'href="/movies/{movie.pk}/"' in page
    assert "<html" not in page


def test_an_empty_result_of_browsing_offers_what_may_have_been_meant(client: Client) -> None:
    MovieFactory(title="Casablanca")
    assert "Did you mean" in client.get("/movies/?q=casblanca").text


@pytest.mark.parametrize(("search", "queries"), [("movie", 2), ("moveis", 3)])
def test_suggestions_take_few_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, search: str, queries: int
) -> None:
    for _ in range(10):
        MovieFactory(title="A movie", genres=["Drama"])
    with django_assert_num_queries(queries):  # exact, then much alike; cards
        client.get(f"/movies/suggestions/?q={search}")
