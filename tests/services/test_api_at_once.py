"""Clients of the API that write at the same moment, on MySQL: nothing is lost, nothing done twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from catalog.models import Movie, Rating, User
from catalog.tokens import issue_token
from tests.factories import MovieFactory, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
AT_ONCE = 10


def client_of(user: User) -> APIClient:
    _token, secret = issue_token(user, scopes=["read", "write"])
    return APIClient(headers={"Authorization": f"Token {secret}"})


def at_once(act: Callable[[Any], Any], arguments: Sequence[Any]) -> list[Any]:
    def alone(argument: Any) -> Any:
        try:
            return act(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(alone, arguments))


def test_two_clients_of_a_user_leave_one_rating_which_is_the_latest() -> None:
    user, movie = UserFactory(), MovieFactory()
    url, clients = f"/api/v1/ratings/{movie.pk}/", [client_of(user), client_of(user)]
    answers = at_once(lambda n: clients[n].put(url, {"stars": n + 1}), [0, 1])
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    latest = next(answer for answer in answers if answer.status_code == 200)  # it found the other's
    assert Rating.objects.get().stars == latest.json()["stars"]
    clients[0].put(url, {"stars": 5})
    movie.refresh_from_db()
    assert (Rating.objects.get().stars, movie.rating_count, movie.rating_mean) == (5.0, 1, 5.0)


def test_a_hundred_ratings_at_once_are_all_kept() -> None:
    movies = MovieFactory.create_batch(10)
    clients = [client_of(user) for user in UserFactory.create_batch(10)]
    pairs = [(client, movie.pk) for movie in movies for client in clients]
    answers = at_once(lambda pair: pair[0].put(f"/api/v1/ratings/{pair[1]}/", {"stars": 4}), pairs)
    assert {answer.status_code for answer in answers} == {201}
    assert Rating.objects.count() == 100
    assert set(Movie.objects.values_list("rating_count", "rating_mean")) == {(10, 4.0)}


def test_batches_under_one_key_act_once() -> None:
    user, movies = UserFactory(), MovieFactory.create_batch(20)
    client = client_of(user)
    body = {"ratings": [{"movie_id": movie.pk, "stars": 3} for movie in movies]}
    answers = at_once(
        lambda _n: client.post("/api/v1/ratings/batch/", body, headers={"Idempotency-Key": "k"}), range(8)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["created"] for answer in answers} == {20}
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Rating.objects.count() == 20


def test_batches_of_the_same_movies_in_any_order_do_not_deadlock() -> None:
    movies = [movie.pk for movie in MovieFactory.create_batch(15)]
    clients = [client_of(user) for user in UserFactory.create_batch(8)]

    def send(place: int) -> int:
        rows = [{"movie_id": pk, "stars": 2} for pk in (movies if place % 2 else reversed(movies))]
        return clients[place].post("/api/v1/ratings/batch/", {"ratings": rows}).status_code

    assert at_once(send, range(8)) == [200] * 8
    assert Rating.objects.count() == 120
