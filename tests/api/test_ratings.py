"""Own ratings over the API."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlsafe_base64_encode
from rest_framework.test import APIClient

from catalog.models import Mark, Rating, User
from tests.factories import MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/ratings/"


def test_putting_stars_creates_a_rating_and_putting_again_replaces_it(client: APIClient, user: User) -> None:
    movie = MovieFactory()
    first = client.put(f"{URL}{movie.pk}/", {"stars": 4.5})
    second = client.put(f"{URL}{movie.pk}/", {"stars": 2})
    assert (first.status_code, second.status_code) == (201, 200)
    assert [rating.stars for rating in user.ratings.all()] == [2.0]


def test_the_answer_tells_movie_stars_and_time(client: APIClient) -> None:
    movie = MovieFactory(title="Heat")
    answer = client.put(f"{URL}{movie.pk}/", {"stars": 4.5}).json()
    assert answer.keys() == {"movie", "stars", "rated_at", "weight"}
    assert (answer["movie"]["title"], answer["stars"]) == ("Heat", 4.5)
    assert (answer["movie"]["rating_count"], answer["movie"]["rating_mean"]) == (1, 4.5)
    assert client.get(f"{URL}{movie.pk}/").json()["rated_at"] == answer["rated_at"]


def test_posting_names_the_movie_in_the_body(client: APIClient, user: User) -> None:
    movie = MovieFactory()
    codes = [client.post(URL, {"movie_id": movie.pk, "stars": stars}).status_code for stars in (3, 5)]
    assert codes == [201, 200]
    assert user.ratings.get().stars == 5.0


def test_rating_a_movie_takes_it_off_the_watchlist(client: APIClient, user: User) -> None:
    mark = MarkFactory(user=user, kind=Mark.Kind.WATCHLIST)
    client.put(f"{URL}{mark.movie_id}/", {"stars": 3})
    assert not user.marks.exists()


def test_a_deleted_rating_is_gone(client: APIClient, user: User) -> None:
    rating = RatingFactory(user=user)
    assert client.delete(f"{URL}{rating.movie_id}/").status_code == 204
    assert client.get(f"{URL}{rating.movie_id}/").status_code == 404
    assert client.delete(f"{URL}{rating.movie_id}/").status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_a_rating_of_a_movie_beyond_the_numbers_of_the_database_is_not_there(
    client: APIClient, method: str
) -> None:
    answer = getattr(client, method)(f"{URL}{2**63}/", {"stars": 3})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "stars",
    [
        0,
        0.4,
        0.75,
        5.5,
        -1,
        6,
        1e300,
        10**40,
        True,
        None,
        "",
        "many",
        "NaN",
        "Infinity",
        "½",
        [],
        {},
        [4],
        "4,5",
    ],
)
def test_anything_but_half_stars_is_refused(client: APIClient, stars: object) -> None:
    movie = MovieFactory()
    answer = client.put(f"{URL}{movie.pk}/", {"stars": stars})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "stars"
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        '{"stars": NaN}',
        '{"stars": 1e999}',
        '{"stars": ' + "9" * 5000 + "}",
        "[" * 100_000,
        '{"stars": 4, "x": ' + "[" * 40 + "]" * 40 + "}",
        "{",
        "",
        "null",
        "[]",
        '"4"',
        "\xff",
    ],
)
def test_a_body_that_is_no_rating_is_a_client_error(client: APIClient, body: str) -> None:
    movie = MovieFactory()
    answer = client.generic(
        "PUT", f"{URL}{movie.pk}/", body.encode("latin-1"), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json().keys() == {"type", "errors"}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"]
)
def test_other_content_types_are_refused(client: APIClient, content_type: str) -> None:
    movie = MovieFactory()
    answer = client.generic("PUT", f"{URL}{movie.pk}/", "stars=4", content_type=content_type)
    assert answer.status_code == 415


def test_a_body_beyond_the_limit_is_refused(client: APIClient) -> None:
    movie = MovieFactory()
    body = '{"stars": 4, "x": "' + "x" * 3_000_000 + '"}'
    answer = client.generic("PUT", f"{URL}{movie.pk}/", body, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "request_too_large"


@pytest.mark.parametrize("movie_id", [0, -1, 10**40, 10**18, True, 1.5, 1e300, None, "x", [], {}])
def test_a_movie_that_is_not_there_cannot_be_rated(client: APIClient, movie_id: object) -> None:
    answer = client.post(URL, {"movie_id": movie_id, "stars": 4})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "movie_id"


def test_a_withdrawn_movie_cannot_be_rated(client: APIClient) -> None:
    movie = MovieFactory(withdrawn=True)
    assert client.put(f"{URL}{movie.pk}/", {"stars": 4}).status_code == 404
    assert client.post(URL, {"movie_id": movie.pk, "stars": 4}).status_code == 400


def test_the_list_has_the_newest_rating_first(client: APIClient, user: User) -> None:
    ratings = [RatingFactory(user=user) for _ in range(3)]
    listed = [rating["movie"]["id"] for rating in client.get(URL).json()["results"]]
    assert listed == [rating.movie_id for rating in reversed(ratings)]


def test_following_next_visits_every_rating_once_though_one_arrives(client: APIClient, user: User) -> None:
    ratings = [RatingFactory(user=user, rated_at="2020-01-01T00:00:00Z").movie_id for _ in range(5)]
    page = client.get(URL, {"page_size": 2}).json()
    RatingFactory(user=user, rated_at="2021-01-01T00:00:00Z")
    seen = page["results"]
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += page["results"]
    assert sorted(rating["movie"]["id"] for rating in seen) == sorted(ratings)


@pytest.mark.parametrize(
    "position",
    [
        *(b"x", b"\xff", b"2020-13-40 1", b"2020-01-01T00:00:00 1"),
        *(b"2020-01-01T00:00:00Z " + b"9" * 30, b"0001-01-01T00:00:00+14:00 1"),
    ],
)
def test_a_cursor_that_was_made_up_is_not_found(client: APIClient, user: User, position: bytes) -> None:
    RatingFactory(user=user)
    assert client.get(URL, {"cursor": urlsafe_base64_encode(position)}).status_code == 404


@pytest.mark.parametrize("cursor", ["ÿ", "%", "A", "===", "\x00"])
def test_a_cursor_that_is_no_base64_is_not_found(client: APIClient, cursor: str) -> None:
    assert client.get(URL, {"cursor": cursor}).status_code == 404


def test_the_list_takes_the_same_queries_however_long_it_is(client: APIClient, user: User) -> None:
    for genre in range(20):
        RatingFactory(user=user, movie=MovieFactory(genres=["Drama", f"Genre {genre}"]))
    for page_size in (1, 20):
        with CaptureQueriesContext(connection) as queries:
            client.get(URL, {"page_size": page_size})
        assert len(queries) == 3  # token with user, ratings with movies, genres


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_sees_or_makes_ratings_without_logging_in(anonymous: APIClient, db: None, method: str) -> None:
    assert getattr(anonymous, method)(URL).status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_a_single_rating_needs_logging_in_too(anonymous: APIClient, method: str) -> None:
    rating = RatingFactory()
    assert getattr(anonymous, method)(f"{URL}{rating.movie_id}/", {"stars": 1}).status_code == 401
    assert Rating.objects.get().stars == rating.stars


def test_another_persons_ratings_are_neither_listed_nor_read(client: APIClient) -> None:
    rating = RatingFactory()
    assert client.get(URL).json()["results"] == []
    assert client.get(f"{URL}{rating.movie_id}/").status_code == 404


def test_another_persons_rating_is_neither_replaced_nor_deleted(
    client: APIClient, client_of: Callable[[User], APIClient]
) -> None:
    rating = RatingFactory(stars=5.0)
    client.put(f"{URL}{rating.movie_id}/", {"stars": 1})
    client.delete(f"{URL}{rating.movie_id}/")
    assert client_of(rating.user).get(f"{URL}{rating.movie_id}/").json()["stars"] == 5.0


def test_a_session_may_write_only_with_a_csrf_token(user: User) -> None:
    movie = MovieFactory()
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(user)
    assert browser.get(URL).status_code == 200
    assert browser.put(f"{URL}{movie.pk}/", {"stars": 4}).status_code == 403
