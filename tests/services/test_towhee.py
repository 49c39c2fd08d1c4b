"""The optional Towhee pipelines return what the site's own functions do."""

import pytest

from catalog.models import Movie, Rating, User
from recommendations import vector_index
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from recommendations.serving import ListRequest, recommend

pytestmark = pytest.mark.services


def test_a_user_id_becomes_the_cards_that_the_site_would_show(live: ModelVersion) -> None:
    from recommendations.towhee_pipelines import recommendation_pipeline

    fan = User.objects.get(username="fan1")
    cards = recommendation_pipeline(limit=5)(fan.pk).get()[0]
    assert cards == [r.movie for r in recommend(fan, ListRequest(limit=5)).results]
    assert not Rating.objects.filter(user=fan, movie_id__in=[card.id for card in cards]).exists()


def test_a_movie_becomes_a_vector_in_the_live_collection(live: ModelVersion) -> None:
    from recommendations.towhee_pipelines import indexing_pipeline

    movie = Movie.objects.create(title="Action night 77", year=1977)
    assert indexing_pipeline()(movie.pk).get() == [True]
    assert vector_index.fetch(live_model().collection, [movie.pk])[movie.pk].year == 1977


def test_a_withdrawn_movie_is_not_indexed(live: ModelVersion) -> None:
    from recommendations.towhee_pipelines import indexing_pipeline

    movie = Movie.objects.create(title="Withdrawn", withdrawn=True)
    assert indexing_pipeline()(movie.pk).get() == [False]
    assert vector_index.fetch(live_model().collection, [movie.pk]) == {}
