"""Movie cards are read in one go, and a cached one is never older than the last committed change."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.core.cache import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog import cards
from catalog.api.serializers import MovieSerializer
from catalog.cards import MovieCard, movie_cards
from catalog.models import Genre, Movie, Rating
from catalog.services import rate_movie, refresh_rating_statistics
from tests.factories import MovieFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _cache_of_this_process_alone(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> BaseCache:
    """A cache that stands for Redis: the cards take it for one that all processes share."""
    cache = LocMemCache("cards", {})
    cache.clear()
    monkeypatch.setattr(cards, "shared_cache", lambda: cache)
    return cache


def queries_of(read: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        read()
    return len(queries)


def test_cards_come_in_the_order_asked_for_without_what_is_gone() -> None:
    first, second, withdrawn = MovieFactory(), MovieFactory(), MovieFactory(withdrawn=True)
    found = movie_cards([second.pk, 10**9, withdrawn.pk, first.pk])
    assert [card.id for card in found] == [second.pk, first.pk]


def test_a_card_has_what_a_template_reads_of_a_movie() -> None:
    movie = MovieFactory(title="Matrix, The", year=1999, genres=["Action", "Drama"])
    card = movie_cards([movie.pk])[0]
    assert (card.pk, str(card), card.get_absolute_url()) == (movie.pk, str(movie), movie.get_absolute_url())
    assert [str(genre) for genre in card.genres.all()] == ["Action", "Drama"]


def test_a_card_read_from_rows_is_that_of_the_movie() -> None:
    movie = MovieFactory(title="Matrix, The", genres=["Thriller", "Action"], imdb_id="tt0133093", tmdb_id=603)
    assert movie_cards([movie.pk]) == [MovieCard.of(Movie.objects.get(pk=movie.pk))]


def test_the_json_of_a_card_is_that_of_its_movie() -> None:
    movie = Movie.objects.get(pk=MovieFactory(title="Matrix, The", genres=["Thriller", "Action"]).pk)
    of_card, of_movie = MovieSerializer(MovieCard.of(movie)).data, MovieSerializer(movie).data
    assert list(of_card.items()) == list(of_movie.items())


def test_a_card_survives_its_trip_through_json() -> None:
    card = MovieCard.of(MovieFactory(title="Amélie 🎬", genres=["Comedy"], tmdb_id=194))
    assert MovieCard.from_json(card.to_json()) == card


@pytest.mark.parametrize("number", [1, 40])
def test_without_redis_cards_take_one_query_however_many(number: int) -> None:
    ids = [movie.pk for movie in MovieFactory.create_batch(number, genres=["Drama"])]
    assert queries_of(lambda: movie_cards(ids)) == 1


def test_no_ids_take_no_query() -> None:
    assert queries_of(lambda: movie_cards([])) == 0


def test_cached_cards_take_no_query(shared: BaseCache) -> None:
    ids = [movie.pk for movie in MovieFactory.create_batch(3, genres=["Drama"])]
    fresh = movie_cards(ids)
    assert queries_of(lambda: movie_cards(ids)) == 0
    assert movie_cards(ids) == fresh


def test_cards_in_memory_need_only_their_stamps(shared: BaseCache) -> None:
    ids = [movie.pk for movie in MovieFactory.create_batch(3, genres=["Drama"])]
    fresh = movie_cards(ids)
    with patch.object(shared, "get_many", autospec=True, side_effect=shared.get_many) as get_many:
        assert movie_cards(ids) == fresh
    get_many.assert_called_once()
    assert not any("card:" in key for key in get_many.call_args.args[-1])


def test_another_process_takes_cards_from_the_cache(
    shared: BaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [movie.pk for movie in MovieFactory.create_batch(3, genres=["Drama"])]
    fresh = movie_cards(ids)
    monkeypatch.setattr(cards, "_remembered", {})
    assert queries_of(lambda: movie_cards(ids)) == 0
    assert movie_cards(ids) == fresh


def test_no_card_in_memory_outlives_the_emptied_cache(shared: BaseCache) -> None:
    movie = MovieFactory(title="Old")
    movie_cards([movie.pk])
    Movie.objects.update(title="New")
    shared.clear()
    assert movie_cards([movie.pk])[0].title == "New"


def test_memory_is_bounded(shared: BaseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MOST_REMEMBERED", 2)
    for movie in MovieFactory.create_batch(5):
        movie_cards([movie.pk])
    assert len(cards._remembered) <= 2


def test_only_what_is_missing_is_read_from_the_database(shared: BaseCache) -> None:
    known, new = MovieFactory(), MovieFactory()
    movie_cards([known.pk])
    with CaptureQueriesContext(connection) as queries:
        movie_cards([known.pk, new.pk])
    assert f"({new.pk})" in queries[0]["sql"]


def change_by_saving(movie: Movie) -> None:
    movie.title = "New"
    movie.save()


def change_in_bulk(movie: Movie) -> None:
    Movie.objects.filter(pk=movie.pk).update(title="New")


def change_by_bulk_update(movie: Movie) -> None:
    movie.title = "New"
    Movie.objects.bulk_update([movie], ["title"])


def withdraw(movie: Movie) -> None:
    Movie.objects.filter(pk=movie.pk).update(withdrawn=True)


def delete(movie: Movie) -> None:
    movie.delete()


def delete_in_bulk(movie: Movie) -> None:
    Movie.objects.all().delete()


def rename_its_genre(movie: Movie) -> None:
    genre = movie.genres.get()
    genre.name = "New"
    genre.save()


def rename_genres_in_bulk(movie: Movie) -> None:
    Genre.objects.update(name="New")


def delete_its_genre(movie: Movie) -> None:
    movie.genres.get().delete()


def change_its_genres(movie: Movie) -> None:
    movie.genres.set([])


def add_it_to_a_genre(movie: Movie) -> None:
    Genre.objects.create(name="Late", slug="late").movies.add(movie)


def rate_it(movie: Movie) -> None:
    rate_movie(UserFactory(), movie, stars=5.0)


def rate_many_in_bulk(movie: Movie) -> None:
    Rating.objects.bulk_create([Rating(user=UserFactory(), movie=movie, stars=5.0)])
    refresh_rating_statistics()


CHANGES = [
    change_by_saving,
    change_in_bulk,
    change_by_bulk_update,
    withdraw,
    delete,
    delete_in_bulk,
    rename_its_genre,
    rename_genres_in_bulk,
    delete_its_genre,
    change_its_genres,
    add_it_to_a_genre,
    rate_it,
    rate_many_in_bulk,
]


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_the_cached_card_is_not_used(
    shared: BaseCache, change: Callable[[Movie], None]
) -> None:
    movie = MovieFactory(genres=["Old"])
    before = movie_cards([movie.pk])
    change(movie)
    after = movie_cards([movie.pk])
    assert after != before
    assert after == [MovieCard.of(row) for row in Movie.objects.visible().filter(pk=movie.pk)]


@pytest.mark.parametrize("change", CHANGES)
def test_a_reader_overtaken_by_a_change_stores_nothing_that_is_used(
    shared: BaseCache, monkeypatch: pytest.MonkeyPatch, change: Callable[[Movie], None]
) -> None:
    movie = MovieFactory(genres=["Old"])
    read = cards._from_database

    def read_and_be_overtaken(movie_ids: list[int], using: str) -> dict[int, MovieCard]:
        found = read(movie_ids, using)
        change(movie)
        return found

    monkeypatch.setattr(cards, "_from_database", read_and_be_overtaken)
    old = movie_cards([movie.pk])
    monkeypatch.setattr(cards, "_from_database", read)
    assert movie_cards([movie.pk]) != old


def test_a_transaction_sees_its_own_change_and_tells_nobody_before_it_commits(shared: BaseCache) -> None:
    movie = MovieFactory(title="Old")
    movie_cards([movie.pk])
    with transaction.atomic():
        Movie.objects.update(title="New")
        assert movie_cards([movie.pk])[0].title == "New"
        transaction.set_rollback(True)
    assert movie_cards([movie.pk])[0].title == "Old"


def test_the_card_of_one_movie_outlives_the_change_of_another(shared: BaseCache) -> None:
    kept, changed = MovieFactory(), MovieFactory()
    movie_cards([kept.pk, changed.pk])
    change_by_saving(changed)
    assert queries_of(lambda: movie_cards([kept.pk])) == 0


def test_a_change_of_very_many_movies_forgets_all_cards_at_once(
    shared: BaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "MAX_STAMPS", 2)
    movies = MovieFactory.create_batch(3, title="Old")
    movie_cards([movie.pk for movie in movies])
    Movie.objects.update(title="New")
    assert {card.title for card in movie_cards([movie.pk for movie in movies])} == {"New"}


def test_a_cache_of_this_process_alone_is_not_used() -> None:
    movie = MovieFactory()
    movie_cards([movie.pk])
    assert queries_of(lambda: movie_cards([movie.pk])) == 1


def test_a_cache_that_hangs_is_waited_for_once(shared: BaseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    movie = MovieFactory()
    monkeypatch.setattr(cards, "SLOW_SECONDS", 0.0)
    with patch.object(shared, "get_many", autospec=True, return_value={}) as get_many:
        assert [card.id for card in movie_cards([movie.pk]) + movie_cards([movie.pk])] == [movie.pk] * 2
    get_many.assert_called_once()


def test_a_change_leaves_its_stamp_while_the_cache_is_left_alone(
    shared: BaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = MovieFactory(title="Before")
    movie_cards([movie.pk])
    monkeypatch.setattr(cards, "_paused_until", float("inf"))
    Movie.objects.filter(pk=movie.pk).update(title="After")
    monkeypatch.setattr(cards, "_paused_until", 0.0)
    assert movie_cards([movie.pk])[0].title == "After"
