from unittest.mock import patch

import pytest

from catalog.models import Genre, Movie, MovieChange
from recommendations import vector_index
from recommendations.index_building import build_collection
from recommendations.index_sync import find_drift, repair_drift, sync_changes
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from recommendations.vector_index import IndexRow, VectorIndexUnavailable, rows
from tests.engines import EngineProcess


def stored_row(movie_id: int) -> IndexRow | None:
    return vector_index.fetch(live_model().collection, [movie_id]).get(movie_id)


def test_a_new_movie_gets_a_vector_from_its_features(live: ModelVersion) -> None:
    movie = Movie.objects.create(title="Action night 99", year=1999)
    movie.genres.add(Genre.objects.get(slug="action"))
    sync_changes()
    row = stored_row(movie.pk)
    assert row is not None
    assert (row.year, row.genres, bool(row.vector.any())) == (1999, ("action",), True)


def test_a_changed_year_and_genre_reach_the_index(live: ModelVersion) -> None:
    movie = Movie.objects.get(pk=100)
    movie.year = 2020
    movie.save()
    movie.genres.set([Genre.objects.get(slug="horror")])
    sync_changes()
    row = stored_row(100)
    assert row is not None
    assert (row.year, row.genres) == (2020, ("horror",))


def test_more_and_longer_genres_than_the_index_takes_hold_nothing_up(live: ModelVersion) -> None:
    movie = Movie.objects.create(title="Everything at once")
    movie.genres.set([Genre.objects.create(name=f"g{n}", slug=f"{n:02}" + "ж" * 58) for n in range(40)])
    sync_changes()
    row = stored_row(movie.pk)
    assert row is not None
    assert len(row.genres) == 32
    assert not find_drift(live_model())


@pytest.mark.parametrize("how", ["delete", "withdraw", "withdraw in bulk"])
def test_a_movie_that_is_gone_leaves_the_index(live: ModelVersion, how: str) -> None:
    movie = Movie.objects.get(pk=100)
    if how == "delete":
        movie.delete()
    elif how == "withdraw":
        movie.withdrawn = True
        movie.save()
    else:
        Movie.objects.filter(pk=100).update(withdrawn=True)
    sync_changes()
    assert stored_row(100) is None


def test_what_was_passed_on_is_not_passed_on_again(live: ModelVersion) -> None:
    Movie.objects.create(title="Once")
    assert (sync_changes(), sync_changes()) == (1, 0)


def test_what_the_index_holds_already_is_not_written_again(live: ModelVersion) -> None:
    MovieChange.objects.announce(Movie.objects.values_list("pk", flat=True))  # an import before the build
    Movie.objects.filter(pk=100).update(year=2020)
    Movie.objects.filter(pk=101).update(withdrawn=True)
    with patch.object(rows, "call", autospec=True, side_effect=rows.call) as call:
        assert sync_changes() == 60
    asked = {args[0]: (args[2:], kwargs) for args, kwargs in call.call_args_list}
    (written,), _ = asked["upsert"]
    assert [entity["movie_id"] for entity in written] == [100]
    assert asked["delete"] == ((), {"ids": [101]})
    assert not MovieChange.objects.pending().exists()
    assert not find_drift(live_model())


def test_a_change_follows_an_alias_that_another_process_has_just_moved(live: ModelVersion) -> None:
    assert live_model().collection.name == "movies_v1"
    collection = build_collection(live)
    vector_index.make_live(collection)
    movie = Movie.objects.create(title="Right after the promotion")
    sync_changes()
    assert movie.pk in vector_index.fetch(collection, [movie.pk])


def test_changes_stay_pending_while_milvus_is_away(live: ModelVersion, milvus: EngineProcess) -> None:
    Movie.objects.create(title="Patience")
    milvus.kill()
    with pytest.raises(VectorIndexUnavailable):
        sync_changes()
    assert MovieChange.objects.pending().count() == 1


def test_drift_is_found_by_kind_and_mended(live: ModelVersion) -> None:
    collection = live_model().collection
    row = stored_row(102)
    assert row is not None
    vector_index.delete(collection, [101])
    vector_index.upsert(
        collection, [IndexRow(102, row.vector, 1800, row.genres), IndexRow(9999, row.vector, 0, ())]
    )
    drift = repair_drift()
    assert (drift.missing, drift.stale, drift.surplus) == ([101], [102], [9999])
    assert not find_drift(live_model())
