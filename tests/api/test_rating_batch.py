"""Many ratings in one request: what became of each row, and once only under one key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from catalog import idempotency
from catalog.models import IdempotentAnswer, Mark, Rating, User
from catalog.tasks import forget_answers
from tests.factories import MarkFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/ratings/batch/"


def row(movie_id: Any, stars: Any = 4) -> dict[str, Any]:
    return {"movie_id": movie_id, "stars": stars}


def send(client: APIClient, *rows: Any, key: str | None = None) -> Any:
    return client.post(URL, {"ratings": list(rows)}, headers={"Idempotency-Key": key} if key else {})


def test_each_row_is_told_what_became_of_it(client: APIClient, user: User) -> None:
    new, same, other = MovieFactory(), RatingFactory(user=user, stars=4), RatingFactory(user=user, stars=1)
    answer = send(client, row(new.pk), row(same.movie_id), row(other.movie_id, 5), row(10**9), row(new.pk, 9))
    told = answer.json()
    assert answer.status_code == 207
    assert [result["status"] for result in told["results"]] == [
        "created",
        "unchanged",
        "updated",
        "failed",
        "failed",
    ]
    assert (told["created"], told["updated"], told["unchanged"], told["failed"]) == (1, 1, 1, 2)
    assert [error["attr"] for result in told["results"] for error in result["errors"]] == [
        "ratings.3.movie_id",
        "ratings.4.stars",
    ]
    assert dict(user.ratings.values_list("movie_id", "stars")) == {
        new.pk: 4.0,
        same.movie_id: 4.0,
        other.movie_id: 5.0,
    }


def test_ratings_count_in_the_mean_and_leave_the_watchlist(client: APIClient, user: User) -> None:
    movie = MarkFactory(user=user, kind=Mark.Kind.WATCHLIST).movie
    assert send(client, row(movie.pk, 3)).status_code == 200
    movie.refresh_from_db()
    assert (movie.rating_count, movie.rating_mean) == (1, 3.0)
    assert not user.marks.exists()


def test_of_two_rows_for_a_movie_the_last_counts(client: APIClient, user: User) -> None:
    movie = MovieFactory()
    results = send(client, row(movie.pk, 1), row(movie.pk, 5)).json()["results"]
    assert [result["status"] for result in results] == ["created", "updated"]
    assert user.ratings.get().stars == 5.0


def test_a_time_is_kept_and_one_to_come_is_now(client: APIClient, user: User) -> None:
    past, future = MovieFactory.create_batch(2)
    send(
        client,
        row(past.pk) | {"rated_at": "2001-02-03T04:05:06Z"},
        row(future.pk) | {"rated_at": "2999-01-01T00:00:00Z"},
    )
    assert user.ratings.get(movie=past).rated_at.isoformat() == "2001-02-03T04:05:06+00:00"
    assert user.ratings.get(movie=future).rated_at <= timezone.now()


def test_a_time_before_1970_is_refused_as_in_files(client: APIClient, user: User) -> None:
    old = row(MovieFactory().pk) | {"rated_at": "1969-12-31T23:59:59Z"}
    (error,) = send(client, old).json()["results"][0]["errors"]
    assert error == {
        "code": "min_value",
        "detail": "1969-12-31 is before 1970",
        "attr": "ratings.0.rated_at",
    }
    assert not user.ratings.exists()


def test_the_same_queries_however_many_rows(client: APIClient) -> None:
    counts = []
    for number in (1, 20):
        rows = [row(movie.pk) for movie in MovieFactory.create_batch(number)]
        with CaptureQueriesContext(connection) as queries:
            send(client, *rows)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "ratings"),
        ({"ratings": []}, "ratings"),
        ({"ratings": "many"}, "ratings"),
        ({"ratings": [{}] * 1001}, "ratings"),
        ("text", "non_field_errors"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(client: APIClient, body: Any, attr: str) -> None:
    answer = client.post(URL, body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


@pytest.mark.parametrize("odd", [None, 4, "x", [], {}, {"movie_id": True}, {"stars": "NaN"}])
def test_an_odd_row_fails_alone(client: APIClient, user: User, odd: Any) -> None:
    told = send(client, odd, row(MovieFactory().pk)).json()
    assert [result["status"] for result in told["results"]] == ["failed", "created"]


def test_the_same_key_gets_the_same_answer_and_acts_once(client: APIClient, user: User) -> None:
    movie = MovieFactory()
    first = send(client, row(movie.pk), key="one")
    Rating.objects.all().delete()
    again = send(client, row(movie.pk), key="one")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert not Rating.objects.exists()


def test_another_body_under_the_same_key_is_refused(client: APIClient) -> None:
    movie = MovieFactory()
    send(client, row(movie.pk, 4), key="one")
    answer = send(client, row(movie.pk, 5), key="one")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "idempotency_key_reused")
    assert Rating.objects.get().stars == 4.0


def test_a_key_is_ones_own_and_minds_its_case(client: APIClient, client_of: Callable[..., APIClient]) -> None:
    movie, other = MovieFactory(), UserFactory()
    send(client, row(movie.pk), key="one")
    assert send(client_of(other), row(movie.pk, 2), key="one").json()["created"] == 1
    assert send(client, row(movie.pk, 3), key="ONE").json()["updated"] == 1


def test_a_key_is_forgotten_after_a_day(client: APIClient) -> None:
    movie = MovieFactory()
    send(client, row(movie.pk, 4), key="one")
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert send(client, row(movie.pk, 5), key="one").json()["updated"] == 1
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    forget_answers()
    assert not IdempotentAnswer.objects.exists()


def test_only_the_latest_answers_of_a_person_are_kept(
    client: APIClient, client_of: Callable[..., APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MOST_KEPT", 2)
    movie, other = MovieFactory(), client_of(UserFactory())
    send(other, row(movie.pk), key="one")
    for key in ("one", "two", "three"):
        send(client, row(movie.pk), key=key)

    def is_replayed(who: APIClient, key: str) -> bool:
        return "Idempotent-Replayed" in send(who, row(movie.pk), key=key)

    assert [is_replayed(client, key) for key in ("three", "two", "one")] == [True, True, False]
    assert is_replayed(other, "one")


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a b"])
def test_a_key_that_is_none_is_named(client: APIClient, key: str) -> None:
    answer = client.post(URL, {"ratings": [row(1)]}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "Idempotency-Key")
