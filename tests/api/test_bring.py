"""A file of ratings from another site: looked at first, stored by the batch of ratings."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Rating, User
from tests.factories import MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/ratings/import/preview/"
HEAD = "Date,Name,Year,Letterboxd URI,Rating\n"


def test_each_row_says_what_it_was_taken_for_and_nothing_is_stored(client: APIClient, user: User) -> None:
    sure = MovieFactory(title="Matrix, The", year=1999)
    MovieFactory(title="Solaris", year=1972), MovieFactory(title="Solaris", year=2002)
    rated = RatingFactory(user=user, movie=MovieFactory(title="Alien", year=1979)).movie
    rows = [
        "2024-05-01,The Matrix,1999,x,4.5",
        "2024-05-01,Solaris,,x,3",
        ",Alien,1979,x,5",
        ",Nowhere,1980,x,2",
    ]
    answer = client.post(URL, {"csv": HEAD + "\n".join(rows)})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert [row["state"] for row in told["results"]] == ["sure", "doubtful", "rated", "unknown"]
    assert (told["sure"], told["doubtful"], told["rated"], told["unknown"]) == (1, 1, 1, 1)
    assert [len(row["candidates"]) for row in told["results"]] == [1, 2, 1, 0]
    assert told["results"][0]["candidates"][0]["id"] == sure.pk
    assert Rating.objects.get().movie_id == rated.pk


def test_what_one_agrees_to_goes_to_the_batch(client: APIClient, user: User) -> None:
    MovieFactory(title="Matrix, The", year=1999)
    found = client.post(URL, {"csv": f"{HEAD}2024-05-01,The Matrix,1999,x,4.5\n"}).json()["results"]
    ratings = [
        {"movie_id": row["candidates"][0]["id"], "stars": row["stars"], "rated_at": row["rated_at"]}
        for row in found
    ]
    assert client.post("/api/v1/ratings/batch/", {"ratings": ratings}).json()["created"] == 1
    assert user.ratings.get().rated_at.isoformat() == "2024-05-01T00:00:00+00:00"


def test_a_token_that_may_only_read_may_look(user: User, client_of: Any) -> None:
    assert client_of(user, "read").post(URL, {"csv": HEAD}).status_code == 200


def test_files_are_counted_apart_from_other_requests(client: APIClient) -> None:
    codes = [client.post(URL, {"csv": HEAD}).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    assert client.get("/api/v1/ratings/").status_code == 200


@pytest.mark.parametrize(
    "csv",
    ["", "no table", f"{HEAD},The Matrix,1999,x,7\n", "PK\x03", "a,b\n1,2\n", HEAD + ",x,1999,x,1\n" * 5001],
)
def test_a_file_that_is_none_is_refused(client: APIClient, csv: str) -> None:
    answer = client.post(URL, {"csv": csv})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "csv")


@pytest.mark.parametrize(
    "csv", [f"{HEAD},🎬,99999999999999999999,x,4\n", "movieId,rating\n" + "9" * 30 + ",4\n"]
)
def test_numbers_that_nobody_has_are_unknown_or_refused(client: APIClient, csv: str) -> None:
    assert client.post(URL, {"csv": csv}).status_code in (200, 400)
