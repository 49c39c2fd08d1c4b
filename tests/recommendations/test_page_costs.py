"""What pages cost with a model: queries of the database and searches of Milvus, whatever was rated."""

from unittest import mock

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Movie, User
from catalog.services import rate_movie
from recommendations.models import ModelVersion
from recommendations.vector_index import candidates
from tests.factories import UserFactory

SIGNED_IN = 2  # session, user


@pytest.fixture(autouse=True)
def _static_files_without_manifest(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(params=[16, 24])
def reader(request: pytest.FixtureRequest, live: ModelVersion, client: Client) -> User:
    """Somebody logged in who rated so many movies of two genres."""
    user = UserFactory()
    for movie in Movie.objects.order_by("pk")[: request.param]:
        rate_movie(user, movie, stars=5.0)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("path", "queries", "searches"),
    [
        # history, cards, kept; liked movies, similar ones' cards, which of them are rated, or marked;
        # favourite genres; my ratings, what to rate, its cards; invitations; my stars and marks of the top
        ("/", 14, 2),
        ("/recommendations/", 6, 1),  # genres; history, cards, kept; my stars and marks
        ("/recommendations/?min_predicted_rating=3&obscurity=80&diversity=50", 7, 1),  # titles of reasons
        ("/recommendations/129/why/", 4, 1),  # the movie, its genres; history; titles
        ("/movies/129/", 7, 1),  # movie, genres, my stars, my marks, the chart; history; cards
    ],
)
def test_a_page_takes_so_many_queries_and_searches(
    client: Client,
    reader: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
    searches: int,
) -> None:
    client.get(path)  # compiles queries, looks up what is live
    cache.clear()  # similar movies are remembered for a while
    with (
        mock.patch.object(candidates, "read", side_effect=candidates.read) as search,
        django_assert_num_queries(SIGNED_IN + queries),
    ):
        assert client.get(path).status_code == 200
    assert search.call_count == searches
