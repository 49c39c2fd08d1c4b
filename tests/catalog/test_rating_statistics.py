"""Number and mean of a movie's ratings follow every rating that comes, changes or goes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Movie, User
from catalog.services import rate_movie, remove_rating
from tests.factories import MovieFactory, UserFactory

pytestmark = pytest.mark.django_db


def figures(movie: Movie) -> tuple[int, float | None]:
    movie.refresh_from_db()
    return movie.rating_count, movie.rating_mean


def rated_by(stars: float, *movies: Movie) -> User:
    user: User = UserFactory()
    for movie in movies:
        rate_movie(user, movie, stars=stars)
    return user


def test_a_removed_rating_is_discounted() -> None:
    movie = MovieFactory()
    rated_by(2, movie)
    remove_rating(rated_by(4, movie), movie)
    assert figures(movie) == (1, 2.0)


@pytest.mark.parametrize("in_bulk", [False, True])
def test_the_ratings_of_a_deleted_account_are_discounted(in_bulk: bool) -> None:
    movie, alone = MovieFactory(), MovieFactory()
    rated_by(2, movie)
    user = rated_by(4, movie, alone)
    _deleted = User.objects.filter(pk=user.pk).delete() if in_bulk else user.delete()
    assert (figures(movie), figures(alone)) == ((1, 2.0), (0, None))


def test_an_account_with_many_ratings_is_deleted_in_as_many_queries_as_one_with_few() -> None:
    movies = MovieFactory.create_batch(20)
    few, many = rated_by(3, *movies[:2]), rated_by(3, *movies)
    with CaptureQueriesContext(connection) as for_few:
        few.delete()
    with CaptureQueriesContext(connection) as for_many:
        many.delete()
    assert len(for_many) == len(for_few)


def test_a_deleted_movie_takes_its_ratings_along() -> None:
    movie = MovieFactory()
    rated_by(3, movie)
    movie.delete()
    assert not Movie.objects.exists()
