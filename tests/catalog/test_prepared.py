"""Prepared queries give the rows of their query sets, compiled once."""

from unittest.mock import patch

import pytest
from django.db.models.sql.compiler import SQLCompiler
from pytest_django import DjangoAssertNumQueries

from catalog.models import Movie, Rating
from catalog.prepared import Prepared
from tests.factories import MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
ROWS = Movie.objects.order_by("pk").values_list("pk", "title")


def test_the_rows_are_those_of_the_query_set(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ids = [movie.pk for movie in MovieFactory.create_batch(5)]
    prepared = Prepared(lambda movies, besides: ROWS.filter(pk__in=movies).exclude(pk=besides))
    for wanted in (ids[:3], ids[1:4], ids):
        with django_assert_num_queries(1):
            rows = prepared.rows(movies=wanted, besides=ids[1])
        assert list(rows) == list(ROWS.filter(pk__in=wanted).exclude(pk=ids[1]))


def test_texts_are_values_too() -> None:
    movie = MovieFactory(title="Alien")
    MovieFactory(title="Aliens")
    assert list(Prepared(lambda title: ROWS.filter(title=title)).rows(title="Alien")) == [(movie.pk, "Alien")]


def test_nothing_is_asked_for_no_values(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert list(Prepared(lambda movies: ROWS.filter(pk__in=movies)).rows(movies=[])) == []


def test_one_size_is_compiled_once() -> None:
    prepared = Prepared(lambda movies: ROWS.filter(pk__in=movies))
    prepared.rows(movies=[1, 2, 3])
    with patch.object(SQLCompiler, "as_sql", autospec=True) as compile_:
        prepared.rows(movies=[7, 8, 9, 10])
    compile_.assert_not_called()


def test_instances_come_with_their_relations_and_types(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    rating = RatingFactory(movie__withdrawn=True)
    prepared = Prepared(lambda user: Rating.objects.filter(user=user).select_related("movie"))
    with django_assert_num_queries(1):
        (found,) = prepared.instances(user=rating.user_id)
        assert (found, found.stars, found.rated_at) == (rating, rating.stars, rating.rated_at)
        assert (found.movie, found.movie.withdrawn) == (rating.movie, True)
    assert not found._state.adding
