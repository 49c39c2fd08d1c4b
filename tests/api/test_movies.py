"""The catalogue over the API."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import Genre
from tests.factories import MovieFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/movies/"


def titles(client: APIClient, **query: Any) -> list[str]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.json()
    return [movie["title"] for movie in answer.json()["results"]]


def test_a_movie_is_told_with_all_that_identifies_it(anonymous: APIClient) -> None:
    movie = MovieFactory(
        title="Matrix, The", year=1999, genres=["Action"], movielens_id=2571, imdb_id="tt0133093", tmdb_id=603
    )
    answer = anonymous.get(f"{URL}{movie.pk}/")
    assert answer.json() == {
        "id": movie.pk,
        "title": "Matrix, The",
        "display_title": "The Matrix",
        "year": 1999,
        "genres": [{"name": "Action", "slug": "action"}],
        "rating_count": 0,
        "rating_mean": None,
        "movielens_id": 2571,
        "imdb_id": "tt0133093",
        "tmdb_id": 603,
        "url": f"/movies/{movie.pk}/",
    }


def test_the_list_counts_and_links_its_pages(anonymous: APIClient) -> None:
    MovieFactory.create_batch(3)
    page = anonymous.get(URL, {"page_size": 2}).json()
    assert (page["count"], len(page["results"]), page["previous"]) == (3, 2, None)
    assert page["next"].endswith("/api/v1/movies/?page=2&page_size=2")


def test_a_page_is_never_longer_than_a_hundred(anonymous: APIClient) -> None:
    MovieFactory.create_batch(101)
    assert len(anonymous.get(URL, {"page_size": 100_000}).json()["results"]) == 100


def test_the_list_takes_the_same_queries_however_long_it_is(anonymous: APIClient) -> None:
    MovieFactory.create_batch(30, genres=["Drama", "Comedy"])
    for page_size in (1, 30):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            anonymous.get(URL, {"page_size": page_size})
        assert len(queries) == 4  # last change, count, keys, cards


def test_most_rated_movies_come_first(anonymous: APIClient) -> None:
    MovieFactory(title="Rare", rating_count=1)
    MovieFactory(title="Known", rating_count=9)
    assert titles(anonymous) == ["Known", "Rare"]


def test_search_finds_every_word_whatever_accents_and_order(anonymous: APIClient) -> None:
    MovieFactory(title="Fabuleux destin d'Amélie Poulain, Le")
    MovieFactory(title="Destiny")
    assert titles(anonymous, search="AMELIE le") == ["Fabuleux destin d'Amélie Poulain, Le"]


def test_genre_and_years_narrow_the_list(anonymous: APIClient) -> None:
    MovieFactory(title="Wanted", year=1995, genres=["Drama"])
    MovieFactory(title="Too old", year=1985, genres=["Drama"])
    MovieFactory(title="Too new", year=2005, genres=["Drama"])
    MovieFactory(title="Other genre", year=1995, genres=["Comedy"])
    MovieFactory(title="No year", year=None, genres=["Drama"])
    assert titles(anonymous, genre="drama", year_min=1990, year_max=2000) == ["Wanted"]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [("year", ["B", "A"]), ("-year", ["A", "B"]), ("title", ["A", "B"]), ("-rating_mean", ["B", "A"])],
)
def test_the_list_is_sorted_as_asked(anonymous: APIClient, ordering: str, expected: list[str]) -> None:
    MovieFactory(title="A", year=2000, rating_mean=3.0)
    MovieFactory(title="B", year=1990, rating_mean=4.0)
    assert titles(anonymous, ordering=ordering) == expected


def test_equals_are_sorted_by_id_so_that_pages_do_not_overlap(anonymous: APIClient) -> None:
    movies = [MovieFactory(year=1999).pk for _ in range(4)]
    pages = [anonymous.get(URL, {"ordering": "-year", "page_size": 2, "page": n}).json() for n in (1, 2)]
    assert [movie["id"] for page in pages for movie in page["results"]] == movies


@pytest.mark.parametrize(
    "query",
    [
        {"genre": "no-such-genre"},
        {"year_min": "soon"},
        {"year_min": "NaN"},
        {"year_max": "1e999"},
        {"year_max": "9" * 50},
        {"year_min": "-1"},
        {"search": "x" * 101},
        {"search": "a\x00b"},
        {"ordering": "password"},
        {"page_size": "null"},
        {"page_size": "0"},
        {"page_size": "9" * 5000},
    ],
)
def test_a_filter_that_makes_no_sense_names_the_parameter(
    anonymous: APIClient, query: dict[str, str]
) -> None:
    answer = anonymous.get(URL, query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == next(iter(query))


@pytest.mark.parametrize("page", ["0", "-1", "99", "one", "9" * 60, "9" * 5000])
def test_a_page_that_is_not_there_is_not_found(anonymous: APIClient, page: str) -> None:
    answer = anonymous.get(URL, {"page": page})
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize("words", ["🎬", "' OR 1=1 --", "%_\\", "日本", "\ud800"])
def test_odd_words_find_nothing_and_break_nothing(anonymous: APIClient, words: str) -> None:
    MovieFactory(title="Plain")
    assert (
        anonymous.get(
            f"{URL}?search=" + "".join(f"%{b:02X}" for b in words.encode("utf8", "surrogatepass"))
        ).json()["count"]
        == 0
    )


def test_a_withdrawn_movie_is_nowhere(anonymous: APIClient) -> None:
    movie = MovieFactory(withdrawn=True)
    assert anonymous.get(URL).json()["count"] == 0
    assert anonymous.get(f"{URL}{movie.pk}/").status_code == 404


@pytest.mark.parametrize("movie_id", ["0", "9" * 18, "9" * 40, "9" * 5000, "abc", "-1"])
def test_an_unknown_movie_is_not_found_in_the_one_error_shape(anonymous: APIClient, movie_id: str) -> None:
    answer = anonymous.get(f"{URL}{movie_id}/")
    assert answer.status_code == 404
    assert answer.json()["type"] == "client_error"


def test_an_unchanged_movie_is_not_sent_again(anonymous: APIClient) -> None:
    movie = MovieFactory()
    etag = anonymous.get(f"{URL}{movie.pk}/")["ETag"]
    again = anonymous.get(f"{URL}{movie.pk}/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", [f"{URL}?page_size=1", "/api/v1/genres/"])
def test_a_list_is_sent_again_when_it_has_changed_alone(anonymous: APIClient, path: str) -> None:
    MovieFactory(genres=["Drama"])
    asked = {"If-None-Match": anonymous.get(path)["ETag"]}
    assert anonymous.get(path, headers=asked).status_code == 304
    MovieFactory(genres=["Comedy"])
    assert anonymous.get(path, headers=asked).status_code == 200


def test_the_etag_changes_with_the_name_of_a_genre(anonymous: APIClient) -> None:
    movie = MovieFactory(genres=["Scifi"])
    etag = anonymous.get(f"{URL}{movie.pk}/")["ETag"]
    Genre.objects.filter(name="Scifi").update(name="Science fiction")
    again = anonymous.get(f"{URL}{movie.pk}/", headers={"If-None-Match": etag})
    assert again.status_code == 200


def test_the_genres_are_listed_by_name(anonymous: APIClient) -> None:
    MovieFactory(genres=["War", "Action"])
    assert anonymous.get("/api/v1/genres/").json() == [
        {"name": "Action", "slug": "action"},
        {"name": "War", "slug": "war"},
    ]
