"""Last-Modified of catalogue reads: never says that a client's copy is new when it is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from catalog import freshness
from catalog.models import CatalogueChange, Genre, Movie, Rating
from catalog.services import put_rating, remove_rating
from tests.factories import GenreFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
MOVIES, GENRES = "/api/v1/movies/", "/api/v1/genres/"
NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


class Clock:
    """The time that servers have, in seconds after noon."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """`with committed(): ...` does it as in a transaction of its own."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def movie(clock: Clock, committed: Any) -> Movie:
    with committed():
        return MovieFactory(title="Old", genres=["Drama"])


def since(client: APIClient, path: str, moment: str) -> int:
    return client.get(path, headers={"If-Modified-Since": moment}).status_code


@pytest.mark.parametrize("path", [MOVIES, f"{MOVIES}?genre=drama&page_size=1", GENRES, "one"])
def test_what_has_not_changed_since_is_not_sent_again(
    anonymous: APIClient, clock: Clock, movie: Movie, path: str
) -> None:
    path = f"{MOVIES}{movie.pk}/" if path == "one" else path
    clock.seconds = 10
    answer = anonymous.get(path)
    assert parsedate_to_datetime(answer["Last-Modified"]) == NOON
    assert since(anonymous, path, answer["Last-Modified"]) == 304


@pytest.mark.parametrize("path", [MOVIES, GENRES, f"{MOVIES}suggestions/?search=old"])
def test_caches_ask_each_time_whether_what_they_keep_still_holds(
    anonymous: APIClient, clock: Clock, movie: Movie, path: str
) -> None:
    clock.seconds = 10
    answer = anonymous.get(path)
    again = anonymous.get(path, headers={"If-None-Match": answer["ETag"]})
    assert (answer.status_code, again.status_code) == (200, 304)
    assert answer["Cache-Control"] == again["Cache-Control"] == "no-cache"


CHANGES: dict[str, Callable[[Movie], Any]] = {
    "a movie is changed": lambda movie: movie.save(),
    "many are": lambda movie: Movie.objects.update(title="New"),
    "one comes": lambda movie: MovieFactory(),
    "one goes": lambda movie: movie.delete(),
    "one is withdrawn": lambda movie: Movie.objects.filter(pk=movie.pk).update(withdrawn=True),
    "a genre is renamed": lambda movie: Genre.objects.update(name="Tragedy"),
    "a genre comes": lambda movie: GenreFactory(name="War"),
    "a genre goes": lambda movie: Genre.objects.all().delete(),
    "its genres change": lambda movie: movie.genres.set([GenreFactory(name="War")]),
    "it is rated": lambda movie: put_rating(UserFactory(), movie, stars=4),
    "it is no longer rated": lambda movie: remove_rating(Rating.objects.get().user, movie),
    "who rated it is deleted": lambda movie: Rating.objects.get().user.delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_a_later_moment(
    anonymous: APIClient, clock: Clock, movie: Movie, committed: Any, change: str
) -> None:
    RatingFactory(movie=movie)
    clock.seconds = 10
    before = anonymous.get(MOVIES)["Last-Modified"]
    with committed():
        CHANGES[change](movie)
    assert since(anonymous, MOVIES, before) == 200
    clock.seconds = 20
    assert parsedate_to_datetime(anonymous.get(MOVIES)["Last-Modified"]) == NOON + timedelta(seconds=10)
    assert since(anonymous, MOVIES, before) == 200


def test_a_moment_is_not_told_while_its_second_may_see_another_change(
    anonymous: APIClient, clock: Clock, movie: Movie, committed: Any
) -> None:
    for clock.seconds, title in ((10.1, "First"), (10.8, "Second")):
        with committed():
            Movie.objects.update(title=title)
        answer = anonymous.get(f"{MOVIES}{movie.pk}/")
        assert answer.json()["title"] == title
        assert "Last-Modified" not in answer
        assert answer["ETag"]
    clock.seconds = 10 + freshness.SETTLED_SECONDS + 1
    assert "Last-Modified" in anonymous.get(f"{MOVIES}{movie.pk}/")


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_a_change_of_that_moment(
    anonymous: APIClient, clock: Clock, movie: Movie
) -> None:
    """Begun before the client read, committed after: its timestamps lie before what the client was told."""
    with transaction.atomic():
        Movie.objects.update(title="Late")
        clock.seconds = 30
        told = NOON  # what another connection, which does not see the change yet, tells
        assert CatalogueChange.objects.get().changed_at == told
    assert CatalogueChange.objects.get().changed_at == NOON + timedelta(seconds=30)
    clock.seconds = 40
    assert since(anonymous, f"{MOVIES}{movie.pk}/", "Tue, 24 Nov 2026 12:00:29 GMT") == 200


def test_a_change_between_asking_for_the_moment_and_reading_is_sent_with_the_earlier_one(
    anonymous: APIClient, clock: Clock, movie: Movie, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = freshness.last_change

    def asked_too_early() -> datetime | None:
        moment = asked()
        with committed():
            Movie.objects.update(title="New")
        return moment

    clock.seconds = 10
    with monkeypatch.context() as patched:
        patched.setattr("catalog.api.conditional.last_change", asked_too_early)
        answer = anonymous.get(f"{MOVIES}{movie.pk}/")
    assert (answer.json()["title"], answer["Last-Modified"]) == ("New", "Tue, 24 Nov 2026 12:00:00 GMT")
    clock.seconds = 20
    assert since(anonymous, f"{MOVIES}{movie.pk}/", answer["Last-Modified"]) == 200  # once too often


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_no_change(anonymous: APIClient, clock: Clock, movie: Movie) -> None:
    clock.seconds = 10
    with transaction.atomic():
        Movie.objects.update(title="Never")
        transaction.set_rollback(True)
    assert CatalogueChange.objects.get().changed_at == NOON


def test_a_server_whose_clock_is_behind_takes_no_moment_back(
    clock: Clock, movie: Movie, committed: Any
) -> None:
    for clock.seconds in (10, 8):
        with committed():
            Movie.objects.update(title="New")
    assert CatalogueChange.objects.get().changed_at == NOON + timedelta(seconds=10)


def test_the_etag_wins_over_the_moment(anonymous: APIClient, clock: Clock, movie: Movie) -> None:
    clock.seconds = 10
    answer = anonymous.get(f"{MOVIES}{movie.pk}/")
    both = {"If-None-Match": '"other"', "If-Modified-Since": answer["Last-Modified"]}
    assert anonymous.get(f"{MOVIES}{movie.pk}/", headers=both).status_code == 200


@pytest.mark.parametrize("moment", ["yesterday", "", "Tue, 99 Nov 2026 12:00:00 GMT", "\x00", "0"])
def test_a_moment_that_is_none_is_passed_over(
    anonymous: APIClient, clock: Clock, movie: Movie, moment: str
) -> None:
    clock.seconds = 10
    assert since(anonymous, MOVIES, moment) == 200


def test_errors_have_no_moment(anonymous: APIClient, clock: Clock, movie: Movie) -> None:
    clock.seconds = 10
    for path in (f"{MOVIES}{movie.pk + 1}/", f"{MOVIES}?genre=none"):
        assert "Last-Modified" not in anonymous.get(path)


def test_where_a_replica_is_read_there_is_the_etag_alone(
    anonymous: APIClient, clock: Clock, movie: Movie, settings: Settings
) -> None:
    clock.seconds = 10
    settings.DATABASE_ROUTERS = ["tests.api.test_last_modified.ElsewhereRouter"]
    assert freshness.last_change() is None


class ElsewhereRouter:
    def db_for_read(self, model: type, **hints: Any) -> str:
        return "replica"


def test_many_changes_of_a_second_are_noted_once(clock: Clock, movie: Movie, committed: Any) -> None:
    written = []
    for clock.seconds in (10, 10.5):
        with CaptureQueriesContext(connection) as queries, committed():
            Movie.objects.update(title="New")
        written.append(sum("UPDATE" in q["sql"] and "cataloguechange" in q["sql"] for q in queries))
    assert written == [1, 0]
