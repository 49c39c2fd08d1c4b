"""What readers tell of the lists that they were served."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Mark, User
from catalog.services import unmark_movie
from recommendations.models import ListFeedback, ServedList
from tests.factories import MovieFactory, UserFactory

pytestmark = pytest.mark.django_db


def list_of(user: User, *movie_ids: int) -> ServedList:
    return ServedList.objects.create(user=user, source="personal", movie_ids=list(movie_ids))


def tell(client: APIClient, list_id: object, *events: tuple[Any, Any]) -> Any:
    body = {"events": [{"movie_id": movie_id, "event": event} for movie_id, event in events]}
    return client.post(f"/api/v1/recommendations/lists/{list_id}/feedback/", body)


def test_telling_twice_is_the_same_as_once(client: APIClient, user: User) -> None:
    served = list_of(user, 1, 2)
    answers = [tell(client, served.pk, (1, "clicked"), (2, "watched")).json()["new"] for _ in range(2)]
    assert answers == [2, 0]
    assert set(ListFeedback.objects.values_list("served_list", "movie_id", "kind")) == {
        (served.pk, 1, "clicked"),
        (served.pk, 2, "watched"),
    }


def test_a_movie_told_hidden_is_hidden(client: APIClient, user: User) -> None:
    movie = MovieFactory()
    tell(client, list_of(user, movie.pk).pk, (movie.pk, "hidden"))
    assert user.marks.get().kind == "hidden"


def test_a_movie_that_is_visible_again_can_be_hidden_from_the_same_list(
    client: APIClient, user: User
) -> None:
    movie = MovieFactory()
    served = list_of(user, movie.pk)
    tell(client, served.pk, (movie.pk, "hidden"))
    unmark_movie(user, movie, kind=Mark.Kind.HIDDEN)
    assert tell(client, served.pk, (movie.pk, "hidden")).json()["new"] == 0
    assert user.marks.get().kind == "hidden"


@pytest.mark.parametrize(
    ("event", "attr"),
    [
        ((9, "clicked"), "events.0.movie_id"),
        ((1, "loved"), "events.0.event"),
        (("x", "clicked"), "events.0.movie_id"),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_is_stored(
    client: APIClient, user: User, event: tuple[Any, Any], attr: str
) -> None:
    answer = tell(client, list_of(user, 1).pk, event, (1, "clicked"))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert not ListFeedback.objects.exists()


def test_another_persons_list_is_not_there(client: APIClient) -> None:
    served = list_of(UserFactory(), 1)
    assert tell(client, served.pk, (1, "clicked")).status_code == 404
    assert tell(client, uuid.uuid4(), (1, "clicked")).status_code == 404
    assert not ListFeedback.objects.exists()
