"""Many people rate one movie at the same moment: each rating is kept, and the mean counts them all."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from catalog.models import Movie, User
from catalog.services import rate_movie, remove_rating
from tests.factories import MovieFactory, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
PEOPLE = 12


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
