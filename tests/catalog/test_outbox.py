"""Every write of a movie through the ORM leaves a line in the outbox, in the same transaction."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from catalog.models import Movie, MovieChange
from catalog.services import rate_movie, refresh_rating_statistics
from tests.factories import GenreFactory, MovieFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def movie() -> Movie:
    movie = MovieFactory()
    MovieChange.objects.all().delete()
    return movie


def announced() -> set[int]:
    return set(MovieChange.objects.pending().values_list("movie_id", flat=True))


def save(movie: Movie) -> None:
    movie.title = "Another"
    movie.save()


WRITES: dict[str, Callable[[Movie], object]] = {
    "save": save,
    "update": lambda movie: Movie.objects.filter(pk=movie.pk).update(year=1999),
    "bulk_update": lambda movie: Movie.objects.bulk_update([movie], ["title"]),
    "delete": lambda movie: Movie.objects.get(pk=movie.pk).delete(),
    "delete in bulk": lambda movie: Movie.objects.filter(pk=movie.pk).delete(),
    "add a genre": lambda movie: movie.genres.add(GenreFactory()),
    "set genres": lambda movie: movie.genres.set([GenreFactory()]),
    "add the movie to a genre": lambda movie: GenreFactory().movies.add(movie),
    "withdraw": lambda movie: Movie.objects.filter(pk=movie.pk).update(withdrawn=True),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_is_announced(movie: Movie, write: Callable[[Movie], object]) -> None:
    movie_id = movie.pk
    write(movie)
    assert announced() == {movie_id}


def test_new_movies_in_bulk_are_announced() -> None:
    created = Movie.objects.bulk_create([Movie(title="One"), Movie(title="Two")])
    assert announced() == {movie.pk for movie in created}


def test_new_movies_in_bulk_are_announced_where_the_database_tells_no_keys(
    movie: Movie, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in MySQL, unlike MariaDB."""
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    created = Movie.objects.bulk_create([Movie(title="One"), Movie(title="Two")])
    assert [one.pk for one in created] == [None, None]
    assert announced() == set(Movie.objects.exclude(pk=movie.pk).values_list("pk", flat=True))


def test_what_bulk_create_updates_is_announced(movie: Movie) -> None:
    Movie.objects.filter(pk=movie.pk).update(movielens_id=7)
    MovieChange.objects.all().delete()
    Movie.objects.bulk_create([Movie(title="Again", movielens_id=7)], ignore_conflicts=True)
    assert announced() == {movie.pk}


def test_a_removed_genre_is_announced_for_each_of_its_movies(movie: Movie) -> None:
    genre = GenreFactory()
    genre.movies.add(movie)
    MovieChange.objects.all().delete()
    genre.movies.clear()
    assert announced() == {movie.pk}


@pytest.mark.parametrize("how", ["rename", "delete"])
def test_a_renamed_or_deleted_genre_is_announced_for_each_of_its_movies(movie: Movie, how: str) -> None:
    genre = GenreFactory()
    genre.movies.add(movie)
    MovieChange.objects.all().delete()
    if how == "rename":
        genre.name = "Neo-Noir"
        genre.save()
    else:
        genre.delete()
    assert announced() == {movie.pk}


def test_a_rating_is_no_change_of_the_movie(movie: Movie) -> None:
    rate_movie(UserFactory(), movie, stars=4)
    refresh_rating_statistics()
    assert announced() == set()


def test_a_change_that_is_rolled_back_is_not_announced(movie: Movie) -> None:
    with transaction.atomic():
        save(movie)
        transaction.set_rollback(True)
    assert announced() == set()


@pytest.mark.parametrize("how", ["save", "update", "bulk_update", "bulk_create"])
def test_the_searchable_title_follows_the_title(movie: Movie, how: str) -> None:
    if how == "update":
        Movie.objects.filter(pk=movie.pk).update(title="Matrix, The")
    elif how == "bulk_create":
        movie = Movie.objects.bulk_create([Movie(title="Matrix, The")])[0]
    else:
        movie.title = "Matrix, The"
        movie.save() if how == "save" else Movie.objects.bulk_update([movie], ["title"])
    assert Movie.objects.get(pk=movie.pk).search_title == "the matrix"
