import pytest

from tests.factories import PASSWORD, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_each_factory_makes_a_valid_row():
    rating = RatingFactory()
    rating.full_clean()
    rating.movie.full_clean()
    rating.user.full_clean()


def test_a_movie_gets_its_genres_by_name():
    movie = MovieFactory(genres=["Drama", "War"])
    assert [g.name for g in movie.genres.all()] == ["Drama", "War"]


def test_a_user_logs_in_with_the_password(client):
    assert client.login(username=UserFactory().username, password=PASSWORD)
