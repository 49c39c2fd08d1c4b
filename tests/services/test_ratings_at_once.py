"""Many people rate one movie at the same moment: each rating is kept, and the mean counts them all."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Movie, Rating, User
from catalog.own_ratings.writing import NewRating, add_ratings
from catalog.services import rate_movie, refresh_rating_statistics, remove_rating
from tests.engines import wait_until
from tests.factories import MovieFactory, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
PEOPLE = 12


def alone(act: Callable[[], object]) -> None:
    """In a thread, which has a connection of its own."""
    try:
        act()
    finally:
        connection.close()


def somebody_waits_for_a_lock() -> bool:
    """On the tests' database. MySQL shows the same again to who asks more than ten times a second."""
    time.sleep(0.2)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("""
            SELECT COUNT(*) FROM information_schema.innodb_trx
            JOIN information_schema.processlist ON id = trx_mysql_thread_id
            WHERE trx_state = 'LOCK WAIT' AND db = DATABASE()
        """)
        [waiting] = cursor.fetchone()
    other.close()
    return bool(waiting)


def test_no_rating_is_lost_to_a_deadlock() -> None:
    movie, people = MovieFactory(), UserFactory.create_batch(PEOPLE)

    def rate_twice(user: User) -> None:
        rate_movie(user, Movie(pk=movie.pk), stars=4)
        remove_rating(user, Movie(pk=movie.pk))
        rate_movie(user, Movie(pk=movie.pk), stars=3)
        connection.close()

    with ThreadPoolExecutor(PEOPLE) as threads:
        list(threads.map(rate_twice, people))
    movie.refresh_from_db()
    assert (movie.rating_count, movie.rating_mean) == (PEOPLE, 3.0)


def test_figures_of_many_movies_that_wait_for_a_rater_count_that_rating() -> None:
    """As when an account with many ratings is deleted while somebody rates one of its movies."""
    movies = MovieFactory.create_batch(4)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            rate_movie(UserFactory(), movies[2], stars=4)
            done = threads.submit(alone, lambda: refresh_rating_statistics(movie.pk for movie in movies))
            wait_until(somebody_waits_for_a_lock, seconds=20, what="the figures wait for the rater")
        done.result()
    figures = Movie.objects.order_by("pk").values_list("rating_count", "rating_mean")
    assert list(figures) == [(0, None), (0, None), (1, 4.0), (0, None)]


def test_who_rates_during_an_import_is_not_refused_for_a_deadlock() -> None:
    """A new rating, imported or not, locks its movie for reading; then both wait to write its figures."""
    movie, rater = MovieFactory(), UserFactory()
    imported = [Rating(user=user, movie=movie, stars=2) for user in UserFactory.create_batch(PEOPLE)]
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Rating.objects.bulk_create(imported)
            rated = threads.submit(alone, lambda: rate_movie(rater, movie, stars=4))
            wait_until(somebody_waits_for_a_lock, seconds=20, what="the rater waits for the import")
            refresh_rating_statistics([movie.pk])
        rated.result()
    movie.refresh_from_db()
    assert movie.rating_count == PEOPLE + 1


def test_who_brings_ratings_along_locks_the_movies_before_anything_else() -> None:
    """Two who had stored ratings of one movie would both wait for the other to let it go."""
    brought = {movie.pk: NewRating(4.0, None) for movie in reversed(MovieFactory.create_batch(3))}
    user = UserFactory()
    with CaptureQueriesContext(connection) as queries:
        assert add_ratings(user, brought) == 3
    statements = [query["sql"] for query in queries if "catalog" in query["sql"]]
    assert statements[0].startswith("SELECT `catalog_movie`.`id`")
    assert statements[0].endswith("ORDER BY 1 ASC FOR UPDATE")
