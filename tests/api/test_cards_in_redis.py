"""Movie cards in a real Redis: one MGET, no staleness, and pages that do without it."""

import os
import socket
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.cards import movie_cards, shared_cache
from catalog.models import Movie
from tests.factories import MovieFactory, RatingFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
OPTIONS = {
    "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
    "SOCKET_CONNECT_TIMEOUT": 0.5,
    "SOCKET_TIMEOUT": 0.5,
    "IGNORE_EXCEPTIONS": True,
}


def use_redis(settings: Settings, url: str) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url, "OPTIONS": OPTIONS}
    }


@pytest.fixture(autouse=True)
def _redis(settings: Settings) -> Iterator[None]:
    use_redis(settings, f"{REDIS_URL}/13")
    cache.clear()
    yield
    cache.clear()


def reads_so_far() -> dict[str, int]:
    statistics: dict[str, Any] = caches["default"].client.get_client().info("commandstats")
    return {name: statistics.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("mget", "get")}


def test_cards_come_from_redis_with_one_mget_and_no_query() -> None:
    ids = [movie.pk for movie in MovieFactory.create_batch(20, genres=["Drama"])]
    fresh = movie_cards(ids)
    before = reads_so_far()
    with CaptureQueriesContext(connection) as queries:
        assert movie_cards(ids) == fresh
    after = reads_so_far()
    assert len(queries) == 0
    assert (after["mget"] - before["mget"], after["get"] - before["get"]) == (1, 0)


def test_a_card_in_redis_is_not_used_after_an_edit() -> None:
    movie = MovieFactory(title="Old")
    movie_cards([movie.pk])
    Movie.objects.update(title="New")
    assert movie_cards([movie.pk])[0].title == "New"


def test_a_card_in_redis_forgets_the_rating_of_a_deleted_user() -> None:
    rating = RatingFactory(stars=1.5)
    assert movie_cards([rating.movie_id])[0].rating_mean == 1.5
    rating.user.delete()
    card = movie_cards([rating.movie_id])[0]
    assert (card.rating_count, card.rating_mean) == (0, None)


def test_what_redis_lacks_is_read_from_the_primary() -> None:
    """A replica that lags has the row of before the change whose stamp is seen already."""
    movie = MovieFactory(title="New")
    with mock.patch("movierec.replica.ReplicaRouter.db_for_read", return_value="nowhere"):
        assert movie_cards([movie.pk])[0].title == "New"


def test_redis_is_the_shared_cache() -> None:
    assert shared_cache() is not None


def read_without_redis(settings: Settings, url: str) -> float:
    """Seconds that a card takes."""
    use_redis(settings, url)
    movie = MovieFactory()
    start = time.monotonic()
    assert [card.id for card in movie_cards([movie.pk])] == [movie.pk]
    return time.monotonic() - start


def test_cards_come_from_the_database_when_redis_is_down(settings: Settings) -> None:
    assert read_without_redis(settings, "redis://127.0.0.1:1/0") < 0.5


def test_cards_come_from_the_database_soon_when_redis_hangs(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert read_without_redis(settings, f"redis://127.0.0.1:{silent.getsockname()[1]}/0") < 1.5
