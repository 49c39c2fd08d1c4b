from datetime import UTC, datetime
from functools import partial

import pytest
from django.db.models import QuerySet

from catalog.chunks import in_chunks
from catalog.leaving import request_deletion
from catalog.models import Mark, Movie, User
from recommendations import interactions
from recommendations.interactions import (
    UNFINISHED_STARS,
    load_training_data,
    load_with_stored_order,
    movie_inputs,
    user_input,
)
from recommendations.two_tower.data import UserTable
from tests.factories import GenreFactory, MarkFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)


def test_a_history_is_in_order_of_time_and_then_of_storage() -> None:
    user = UserFactory()
    late = RatingFactory(user=user, rated_at=NOON.replace(hour=13))
    first, second = RatingFactory(user=user, rated_at=NOON), RatingFactory(user=user, rated_at=NOON)
    person = user_input(user)
    assert person.movie_ids.tolist() == [first.movie_id, second.movie_id, late.movie_id]
    assert person.timestamps.tolist() == [946728000, 946728000, 946731600]


def test_training_reads_the_same_history_as_serving() -> None:
    user = UserFactory(gender="F", age_group=25, occupation=3, zip_code="55455")
    RatingFactory(user=user, stars=4.5, rated_at=NOON)
    RatingFactory(user=user, stars=1.0, rated_at=NOON.replace(hour=11))
    trained, served = (
        load_training_data().user_inputs(load_training_data().users.user_ids)[0],
        user_input(user),
    )
    assert trained.movie_ids.tolist() == served.movie_ids.tolist()
    assert trained.stars.tolist() == served.stars.tolist() == [1.0, 4.5]
    assert trained.timestamps.tolist() == served.timestamps.tolist()
    for name in ("user_id", "gender", "age_group", "occupation", "zip_code"):
        assert getattr(trained, name) == getattr(served, name)


def test_nobody_has_an_empty_history_and_makes_no_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        person = user_input(None)
    assert (person.user_id, len(person.movie_ids)) == (None, 0)


def test_a_new_user_has_one_too() -> None:
    person = user_input(User.objects.create(username="new"))
    assert len(person.movie_ids) == len(person.stars) == len(person.timestamps) == 0


def test_movies_come_with_their_genres_in_two_queries(django_assert_num_queries: object) -> None:
    for _ in range(3):
        MovieFactory(year=None).genres.set([GenreFactory(), GenreFactory()])
    with django_assert_num_queries(2):  # type: ignore[operator]
        inputs = movie_inputs(Movie.objects.order_by("pk"))
    assert [len(movie.genres) for movie in inputs] == [2, 2, 2]
    assert inputs[0].year is None


def test_training_reads_movies_as_serving_does_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    drama, comedy = GenreFactory(name="Drama"), GenreFactory(name="Comedy")
    for genres in ([drama, comedy], [], [comedy], [comedy, drama]):
        MovieFactory(year=None).genres.set(genres)
    monkeypatch.setattr("recommendations.interactions.in_chunks", partial(in_chunks, size=3))
    movies = load_training_data().movies
    assert movies == movie_inputs(Movie.objects.order_by("pk"))
    assert [movie.genres for movie in movies] == [("Comedy", "Drama"), (), ("Comedy",), ("Comedy", "Drama")]
    assert movies[0].genres is movies[3].genres


def test_who_asks_for_deletion_while_ratings_are_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    leaving, staying = RatingFactory(rated_at=NOON), RatingFactory(rated_at=NOON)

    def read_and_be_asked(users: QuerySet[User]) -> UserTable:
        request_deletion(leaving.user)
        return read(users)

    read = interactions._user_table
    monkeypatch.setattr(interactions, "_user_table", read_and_be_asked)
    data, order = load_with_stored_order()
    assert data.user_ids.tolist() == data.users.user_ids.tolist() == [staying.user_id]
    assert order.tolist() == [1]


def test_an_unfinished_movie_counts_as_one_of_few_stars_in_training_and_serving_alike() -> None:
    rating = RatingFactory(rated_at=NOON)
    mark = MarkFactory(user=rating.user, kind=Mark.Kind.UNFINISHED)
    MarkFactory(user=rating.user, kind=Mark.Kind.HIDDEN)
    served, data = user_input(rating.user), load_training_data()
    assert served.movie_ids.tolist() == data.movie_ids.tolist() == [rating.movie_id, mark.movie_id]
    assert served.stars.tolist() == data.stars.tolist() == [4.0, UNFINISHED_STARS]
    assert served.timestamps.tolist() == data.timestamps.tolist()
    assert served.unfinished.tolist() == [mark.movie_id]


def test_stars_for_an_unfinished_movie_say_more_than_the_mark() -> None:
    rating = RatingFactory(stars=3.5)
    MarkFactory(user=rating.user, movie=rating.movie, kind=Mark.Kind.UNFINISHED)
    served = user_input(rating.user)
    assert served.stars.tolist() == load_training_data().stars.tolist() == [3.5]
    assert served.unfinished.tolist() == []


def test_the_protocols_are_asked_about_ratings_alone() -> None:
    MarkFactory(kind=Mark.Kind.UNFINISHED)
    assert len(load_with_stored_order()[0]) == 0
