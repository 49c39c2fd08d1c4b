"""Looking around: suggestions, the audience of a movie, one's own view of the catalogue."""

import pytest
from rest_framework.test import APIClient

from catalog.models import User
from tests.factories import MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db


def test_titles_are_found_as_they_are_typed_and_with_a_slip(anonymous: APIClient) -> None:
    MovieFactory(title="Matrix, The")
    for words in ("matr", "the matrix", "MATRXI"):
        found = anonymous.get("/api/v1/movies/suggestions/", {"search": words}).json()["results"]
        assert [movie["title"] for movie in found] == ["Matrix, The"]


@pytest.mark.parametrize("query", [{}, {"search": ""}, {"search": "x" * 101}, {"search": "a\0"}])
def test_suggestions_want_something_to_look_for(anonymous: APIClient, query: dict[str, str]) -> None:
    answer = anonymous.get("/api/v1/movies/suggestions/", query)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "search")


def test_the_audience_is_how_often_each_half_star_was_given(anonymous: APIClient) -> None:
    movie = MovieFactory()
    RatingFactory(movie=movie, stars=4), RatingFactory(movie=movie, stars=5)
    answer = anonymous.get(f"/api/v1/movies/{movie.pk}/audience/").json()
    assert (answer["count"], answer["mean"], len(answer["given"])) == (2, 4.5, 10)
    assert [row["stars"] for row in answer["given"] if row["count"]] == [4.0, 5.0]


def browsed(client: APIClient, **query: str) -> list[int]:
    answer = client.get("/api/v1/browse/", query)
    assert answer.status_code == 200, answer.content
    return [row["movie"]["id"] for row in answer.json()["results"]]


def test_what_one_has_seen_wants_to_see_or_neither(client: APIClient, user: User) -> None:
    seen, wanted = RatingFactory(user=user).movie, MarkFactory(user=user, kind="watchlist").movie
    other = MovieFactory()
    assert set(browsed(client)) == {seen.pk, wanted.pk, other.pk}
    assert browsed(client, shown="seen") == [seen.pk]
    assert set(browsed(client, shown="unseen")) == {wanted.pk, other.pk}
    assert browsed(client, shown="watchlist") == [wanted.pk]


def test_without_predictions_the_order_is_another_and_says_so(client: APIClient) -> None:
    MovieFactory()
    answer = client.get("/api/v1/browse/", {"order": "predicted"}).json()
    assert (len(answer["results"]), answer["results"][0]["predicted_rating"]) == (1, None)
    assert answer["notice"]


def test_pages_and_filters_are_as_of_the_list_of_movies(client: APIClient) -> None:
    movies = [MovieFactory(year=1990 + n, rating_count=n, genres=["Drama"]) for n in range(4)]
    MovieFactory(year=1992, rating_count=9)
    query = {"genre": "drama", "year_min": "1991", "ratings_min": "2", "order": "oldest", "page_size": "1"}
    assert browsed(client, **query) == [movies[2].pk]
    assert browsed(client, **query, page="2") == [movies[3].pk]
    assert client.get("/api/v1/browse/", query | {"page": "3"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"order": "odd"}, {"shown": "all"}, {"ratings_min": "0"}, {"genre": "none"}, {"year_min": "NaN"}],
)
def test_a_wish_that_makes_no_sense_is_named(client: APIClient, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/browse/", query)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, next(iter(query)))


def test_the_list_of_movies_can_leave_out_what_few_have_rated(anonymous: APIClient) -> None:
    MovieFactory(rating_count=1)
    known = MovieFactory(rating_count=5)
    found = anonymous.get("/api/v1/movies/", {"ratings_min": 2}).json()["results"]
    assert [movie["id"] for movie in found] == [known.pk]
