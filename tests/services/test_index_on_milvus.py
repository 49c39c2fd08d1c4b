"""Building, promoting, rolling back and keeping in step on a real Milvus server."""

import numpy as np
import pytest
from django.core.management import call_command

from catalog.models import Genre, Movie, User
from recommendations import index_building, promotion, vector_index
from recommendations.index_sync import find_drift, sync_changes
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from recommendations.serving import ListRequest, recommend
from recommendations.vector_index import Collection, IndexRow, VectorIndexInvalid
from tests import world

pytestmark = pytest.mark.services


def test_the_index_holds_every_movie_and_serves_personal_lists(live: ModelVersion) -> None:
    answer = recommend(User.objects.get(username="fan1"), ListRequest(limit=10))
    assert (answer.source, answer.model_version) == ("personal", 1)
    assert vector_index.count(live_model().collection) == Movie.objects.count()


def test_genre_and_years_are_conditions_of_the_search(live: ModelVersion) -> None:
    request = ListRequest(limit=10, genre="horror", year_min=1996, year_max=2000)
    answer = recommend(User.objects.get(username="fan1"), request)
    assert [r.movie.year for r in answer.results if not 1996 <= r.movie.year <= 2000] == []
    assert {genre.slug for r in answer.results for genre in r.movie.genres} == {"horror"}


def test_a_rebuild_stands_beside_the_live_collection_and_replaces_it(live: ModelVersion) -> None:
    call_command("rebuild_index")
    assert vector_index.live_collection() == Collection("movies_v1b", 1)
    call_command("rebuild_index")
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_rolling_back_brings_the_version_before_back(live: ModelVersion) -> None:
    promotion.promote(world.register_version(2))
    assert vector_index.live_collection() == Collection("movies_v2", 2)
    promotion.roll_back()
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_a_version_rolled_back_to_knows_what_changed_meanwhile(live: ModelVersion) -> None:
    promotion.promote(world.register_version(2))
    Movie.objects.filter(pk=100).update(title="Another title")
    sync_changes()
    promotion.roll_back()
    assert not find_drift(live_model())


def test_approximate_search_finds_what_exact_search_finds(live: ModelVersion) -> None:
    """Recall at 100 of at least 0.99 among 5,000 vectors of one length with a falling spectrum."""
    generator = np.random.default_rng(0)
    spectrum = (1 / np.arange(1, 257)).astype(np.float32)
    vectors = generator.normal(size=(5_000, 256)).astype(np.float32) * spectrum
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = generator.normal(size=(50, 256)).astype(np.float32) * spectrum
    collection = Collection("movies_v99", 99)
    vector_index.create(collection, checksum="")
    vector_index.upsert(collection, [IndexRow(pk, vector, 0, ()) for pk, vector in enumerate(vectors, 1)])
    vector_index.finish(collection)
    exact = np.argsort(-(queries @ vectors.T), axis=1)[:, :100] + 1
    found = [{c.movie_id for c in vector_index.search(collection, q, limit=100, fresh=True)} for q in queries]
    recall = np.mean([len(ids & set(best)) / 100 for ids, best in zip(found, exact.tolist(), strict=True)])
    assert recall >= 0.99
    assert index_of(collection)[:2] == ("HNSW", "IP")


def test_a_finished_collection_has_all_of_its_movies_in_the_graph(live: ModelVersion) -> None:
    collection = Collection("movies_v98", 98)
    vector_index.create(collection, checksum="")
    vectors = np.random.default_rng(0).normal(size=(4_000, 256)).astype(np.float32)
    vector_index.upsert(collection, [IndexRow(pk, vector, 0, ()) for pk, vector in enumerate(vectors, 1)])
    vector_index.finish(collection)
    assert index_of(collection) == ("HNSW", "IP", 4_000)
    assert vector_index.count(collection) == 4_000


def test_a_build_that_wrote_a_movie_twice_is_refused(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = index_building.index_rows
    monkeypatch.setattr(index_building, "index_rows", lambda model: [*rows(model), next(rows(model))])
    movies = Movie.objects.count()
    with pytest.raises(VectorIndexInvalid, match=f"holds {movies + 1} movies"):
        promotion.rebuild(live)


def test_a_small_catalogue_is_searched_exactly(live: ModelVersion) -> None:
    assert index_of(live_model().collection)[:2] == ("FLAT", "IP")


def index_of(collection: Collection) -> tuple[str, str, int]:
    """Its type, its metric and how many rows it covers."""
    client = vector_index.connection.connected()
    described = client.describe_index(collection.name, client.list_indexes(collection.name)[0])
    return described["index_type"], described["metric_type"], int(described["indexed_rows"])


def test_a_title_in_a_new_genre_reaches_the_index(live: ModelVersion) -> None:
    movie = Movie.objects.create(title="Ein neuer Film 🎬", year=2020)
    movie.genres.add(Genre.objects.create(name="Film-Noir", slug="film-noir"))
    sync_changes()
    row = vector_index.fetch(live_model().collection, [movie.pk])[movie.pk]
    assert (row.year, row.genres) == (2020, ("film-noir",))
