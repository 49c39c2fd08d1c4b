"""Sorting the catalogue by what the reader is expected to give."""

from pathlib import Path
from unittest import mock

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.expectations import NothingExpected
from catalog.models import Movie, User
from recommendations.expectations import expect
from recommendations.live_model import LiveModel, NoActiveModel
from recommendations.two_tower.artifact import load_artifact
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests import world
from tests.factories import MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
LOOK_UP = "recommendations.experiments.arms.live_model"
PREDICTED = "/movies/?order=predicted"


@pytest.fixture
def fan(model_dir: Path, client: Client) -> User:
    """Somebody logged in who likes action, in the world of tests/world.py; its model without Milvus."""
    world.store_world()
    version = world.register_version()
    live = LiveModel(
        mock.create_autospec(Collection, instance=True),
        load_artifact(version.folder, checksum=version.checksum),
    )
    fan = User.objects.get(username="fan1")
    client.force_login(fan)
    with mock.patch(LOOK_UP, autospec=True, return_value=live):
        yield fan


def test_the_highest_predicted_stars_come_first_and_are_shown(client: Client, fan: User) -> None:
    answer = client.get(PREDICTED)
    listed = [movie.pk for movie in answer.context["page"]]
    expected = expect(fan, listed)
    assert list(expected.values()) == sorted(expected.values(), reverse=True)
    assert answer.text.count('class="predicted"') > 20
    assert answer.context["page"].paginator.count == Movie.objects.count()


def test_filters_and_pages_apply_too(client: Client, fan: User) -> None:
    genres = client.get(f"{PREDICTED}&genre=comedy&shown=unseen").context["page"]
    assert {movie.genres[0].name for movie in genres} == {"Comedy"}
    assert client.get(f"{PREDICTED}&page=2").context["page"].number == 2


def test_movies_newer_than_the_model_are_predicted_from_their_features(client: Client, fan: User) -> None:
    new = [MovieFactory(title="New", genres=[name], year=1960) for name in ("Comedy", "Action")]
    expected = expect(fan, [new[1].pk, 100, new[0].pk])
    assert set(expected) == {new[0].pk, new[1].pk, 100}
    assert expected[new[0].pk] != expected[new[1].pk]


@pytest.mark.parametrize("count", [0, 5])
def test_the_page_takes_eight_queries(
    client: Client, fan: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    Movie.objects.filter(pk__in=range(100, 100 + count)).update(year=1900)
    with django_assert_num_queries(8):
        # session, user; genres to choose from, IDs, my history; cards; my ratings and marks
        client.get(PREDICTED)


@pytest.mark.parametrize("fault", [NoActiveModel, VectorIndexUnavailable])
def test_without_a_model_the_best_rated_come_first_and_the_page_says_so(
    member: Client, user: User, fault: type[Exception]
) -> None:
    RatingFactory(user=user, stars=1.0, movie__title="Bad")
    MovieFactory(title="Average")
    with mock.patch(LOOK_UP, autospec=True, side_effect=fault("away")):
        answer = member.get(PREDICTED)
    assert "Predictions are out of reach for a moment. Sorted by average rating instead." in answer.text
    assert [movie.title for movie in answer.context["page"]] == ["Average", "Bad"]


def test_who_has_rated_nothing_is_told_to(member: Client) -> None:
    MovieFactory()
    assert "Rate a few movies first" in member.get(PREDICTED).text
    with pytest.raises(NothingExpected):
        expect(UserFactory(), [1])


def test_a_visitor_is_told_to_log_in(client: Client) -> None:
    MovieFactory()
    answer = client.get(PREDICTED)
    assert "Log in to sort by what you would like." in answer.text
    assert len(answer.context["page"]) == 1
