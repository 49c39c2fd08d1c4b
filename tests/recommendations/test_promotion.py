import shutil
from typing import Any
from unittest.mock import create_autospec, patch

import numpy as np
import pytest
from django.core.cache import cache

from catalog.models import Movie
from recommendations import index_building, promotion, vector_index
from recommendations import live_model as live_model_module
from recommendations.gate import check_gate
from recommendations.index_building import BUILDING, Report
from recommendations.index_sync import WRITING, Drift, find_drift, sync_changes
from recommendations.index_verification import ExactSearch
from recommendations.leases import lease
from recommendations.live_model import LiveModel, NoActiveModel, forget_live_model, live_model
from recommendations.models import ModelVersion
from recommendations.promotion import PromotionRefused
from recommendations.two_tower import artifact
from recommendations.two_tower.artifact import ArtifactInvalid
from recommendations.vector_index import (
    Candidate,
    Collection,
    IndexRow,
    VectorIndexInvalid,
    VectorIndexUnavailable,
    rows,
)
from recommendations.vector_index.connection import call
from tests import world
from tests.engines import EngineProcess, empty_milvus


def version_with(number: int, **held_out: Any) -> ModelVersion:
    version = world.register_version(number)
    version.metrics = {"held_out": {"live_version": number - 1} | held_out}
    version.save()
    return version


def test_a_promoted_version_is_served_with_its_own_tower(live: ModelVersion) -> None:
    serving = live_model()
    assert serving.version == 1
    assert serving.model.checksum == live.checksum == vector_index.checksum_of(serving.collection)


def test_every_visible_movie_is_in_the_index_and_no_other(live: ModelVersion) -> None:
    assert vector_index.count(live_model().collection) == Movie.objects.count()
    assert not find_drift(live_model())


@pytest.mark.parametrize(
    ("held_out", "reason"),
    [
        ({}, "no metrics"),
        ({"ndcg@10": 0.1, "popularity_ndcg@10": 0.1}, "does not beat popularity"),
        ({"ndcg@10": 0.2, "popularity_ndcg@10": 0.1, "live_ndcg@10": 0.22}, "below the live version"),
    ],
)
def test_the_gate_refuses_and_what_was_live_stays_live(
    live: ModelVersion, held_out: dict[str, float], reason: str
) -> None:
    with pytest.raises(PromotionRefused, match=reason):
        promotion.promote(version_with(2, **held_out))
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_a_small_loss_against_the_live_version_passes(live: ModelVersion) -> None:
    version = version_with(2, **{"ndcg@10": 0.2, "popularity_ndcg@10": 0.1, "live_ndcg@10": 0.205})
    assert promotion.promote(version) == Collection("movies_v2", 2)


@pytest.mark.parametrize(("beside", "told"), [(None, "no other version"), (4, "version 4")])
def test_the_gate_refuses_what_was_compared_with_another_version_than_the_live_one(
    live: ModelVersion, beside: int | None, told: str
) -> None:
    version = version_with(5, **world.HELD_OUT, live_version=beside)
    for way in (promotion.promote, promotion.rebuild):
        with pytest.raises(PromotionRefused, match=f"version 1 is live, and it was compared with {told}"):
            way(version)
    assert vector_index.live_collection() == Collection("movies_v1", 1)
    promotion.promote(version, force=True)
    assert vector_index.live_collection() == Collection("movies_v5", 5)


def test_what_is_live_may_be_promoted_again_and_anything_where_nothing_is_live(live: ModelVersion) -> None:
    assert check_gate(live, live=1).passed
    assert check_gate(version_with(5, **world.HELD_OUT), live=None).passed


@pytest.mark.parametrize(
    ("users", "low", "passes"), [(100, -0.02, True), (100, -0.06, False), (20, -0.06, True)]
)
def test_the_gate_asks_how_bad_the_loss_may_be_where_there_are_enough_users(
    stored: None, users: int, low: float, passes: bool
) -> None:
    interval = {"mean": -0.005, "low": low, "high": 0.04}
    version = version_with(
        2,
        **{"users": users, "ndcg@10": 0.195, "popularity_ndcg@10": 0.1, "live_ndcg@10": 0.2},
        differences={"live": interval},
    )
    gate = check_gate(version, live=1)
    assert gate.passed is passes
    assert f"from {low:+.4f} to +0.0400" in gate.reason
    assert gate.to_dict()["differences"]["live"] == interval


def test_an_operator_may_overrule_the_gate_and_that_is_recorded(live: ModelVersion) -> None:
    version = version_with(2)
    promotion.promote(version, force=True, overruled_by="Ada")
    version.refresh_from_db()
    assert vector_index.live_collection() == Collection("movies_v2", 2)
    assert (version.gate["passed"], version.gate["overruled_by"]) == (False, "Ada")


def test_the_version_before_is_kept_to_roll_back_to_and_older_ones_are_dropped(live: ModelVersion) -> None:
    for number in (2, 3):
        promotion.promote(world.register_version(number))
    assert [c.name for c in vector_index.collections()] == ["movies_v2", "movies_v3"]


def test_rolling_back_twice_goes_back_twice(live: ModelVersion) -> None:
    for number in (2, 3):
        promotion.promote(world.register_version(number))
    assert [promotion.roll_back().number, promotion.roll_back().number] == [2, 1]
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_a_version_that_is_no_longer_live_is_not_left_again(live: ModelVersion) -> None:
    for number in (2, 3):
        promotion.promote(world.register_version(number))
    assert promotion.roll_back(leaving=3).number == 2
    with pytest.raises(PromotionRefused, match="version 3 is no longer live"):
        promotion.roll_back(leaving=3)
    assert vector_index.live_collection() == Collection("movies_v2", 2)


def test_a_version_that_was_left_is_not_gone_back_to(live: ModelVersion) -> None:
    promotion.promote(world.register_version(2))
    promotion.roll_back()
    promotion.promote(world.register_version(3, beside=1))
    assert promotion.roll_back().number == 1


def test_only_a_collection_that_nobody_searches_is_finished(live: ModelVersion) -> None:
    promotion.promote(world.register_version(2))
    with patch.object(vector_index, "finish", autospec=True) as finish:
        promotion.promote(ModelVersion.objects.get(number=2))
        finish.assert_not_called()
        promotion.promote(live, force=True)
    finish.assert_called_once_with(Collection("movies_v1", 1))


def test_with_nothing_to_go_back_to_the_live_version_stays(live: ModelVersion) -> None:
    with pytest.raises(PromotionRefused, match="no earlier version"):
        promotion.roll_back()
    assert live_model().version == 1


def test_a_damaged_artifact_is_refused_and_the_live_version_stays(live: ModelVersion) -> None:
    version = world.register_version(2)
    with (version.folder / "movie_vectors.npy").open("r+b") as file:
        file.seek(200)
        file.write(b"\xff\xff\xff\xff")
    with pytest.raises(NoActiveModel, match="checksum"):
        promotion.promote(version)
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_a_collection_of_another_model_is_not_served(live: ModelVersion) -> None:
    ModelVersion.objects.filter(number=1).update(checksum="0" * 64)
    forget_live_model()
    vector_index.create(Collection("movies_v1b", 1), checksum="1" * 64)
    vector_index.make_live(Collection("movies_v1b", 1))
    with pytest.raises(NoActiveModel, match="another model"):
        live_model()


def test_a_damaged_live_artifact_is_not_read_by_every_request(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_model_module.forget_live_model()
    monkeypatch.setattr(live_model_module, "_live", None)
    load = create_autospec(live_model_module.load_artifact, side_effect=ArtifactInvalid("damaged"))
    monkeypatch.setattr(live_model_module, "load_artifact", load)
    for _request in range(3):
        with pytest.raises(NoActiveModel, match="damaged"):
            live_model()
    load.assert_called_once()


def test_files_are_compared_with_their_checksum_once_until_they_are_written(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = create_autospec(artifact.folder_checksum, side_effect=artifact.folder_checksum)
    monkeypatch.setattr(artifact, "folder_checksum", read)
    cache.clear()
    live_model_module.load_model(live)
    monkeypatch.setattr(live_model_module, "CHECKED_SECONDS", 0)  # relying on it must not prolong it
    for _process in range(2):
        live_model_module.load_model(live)
    read.assert_called_once()
    with (live.folder / "movie_vectors.npy").open("r+b") as file:
        file.seek(200)
        file.write(b"\xff\xff\xff\xff")
    with pytest.raises(NoActiveModel, match="checksum"):
        live_model_module.load_model(live)


def test_a_missing_artifact_is_told(live: ModelVersion) -> None:
    shutil.rmtree(live.folder)
    with pytest.raises(NoActiveModel, match="v1"):
        promotion.rebuild(live)


def test_a_build_that_fails_its_verification_leaves_the_live_index(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = index_building.index_rows
    monkeypatch.setattr(index_building, "index_rows", lambda model: list(rows(model))[:-1])
    with pytest.raises(VectorIndexInvalid, match="holds 59 movies, the catalogue shows 60"):
        promotion.rebuild(live)
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_a_build_inserts_so_that_milvus_deletes_nothing(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def heard(method: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(method)
        return call(method, *args, **kwargs)

    monkeypatch.setattr(rows, "call", heard)
    promotion.rebuild(live)
    assert "insert" in asked
    assert not {"upsert", "delete"} & set(asked)


def test_leftovers_of_a_build_cut_short_are_replaced(live: ModelVersion) -> None:
    vector_index.create(Collection("movies_v1b", 1), checksum="a build that never ended")
    promotion.rebuild(live)
    assert vector_index.live_collection() == Collection("movies_v1b", 1)
    assert not find_drift(live_model())


def test_a_movie_added_while_the_index_is_built_is_in_it(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finish_late(collection: Collection, **kwargs: Any) -> None:
        Movie.objects.create(title="Arrived during the build", year=2001)

    monkeypatch.setattr(vector_index, "finish", finish_late)
    promotion.rebuild(live)
    assert not find_drift(live_model())


def test_a_build_ends_well_though_movies_that_rank_high_are_withdrawn_meanwhile(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finish_late(collection: Collection, **kwargs: Any) -> None:
        for movie in Movie.objects.popular()[:6]:
            movie.delete()

    monkeypatch.setattr(vector_index, "finish", finish_late)
    promotion.rebuild(live)
    assert not find_drift(live_model())


def test_an_index_that_misses_movies_is_not_excused_by_others_that_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = np.eye(1, 256, dtype=np.float32)
    movies = [IndexRow(pk, query[0] * (1000 - pk), 0, ()) for pk in range(1, 301)]
    exact = ExactSearch(query)
    list(exact.watch(movies))
    missed = set(range(31, 131, 5))
    hits = [Candidate(row.movie_id, 1000.0 - row.movie_id) for row in movies if row.movie_id not in missed]
    search = create_autospec(vector_index.search_many, side_effect=lambda *_, limit, **__: [hits[:limit]])
    monkeypatch.setattr(vector_index, "search_many", search)
    assert exact.recall(Collection("movies_v1", 1), changed=list(range(1, 31))) == pytest.approx(0.8)


def test_a_movie_added_while_an_earlier_index_is_compared_is_in_it_and_nothing_is_built(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion.promote(world.register_version(2))

    def compare_early(looked_at: LiveModel) -> Drift:
        found = find_drift(looked_at)
        with lease(WRITING, "a sync, which the comparison does not hold up"):
            Movie.objects.create(title="Arrived after the comparison", year=2001)
        return found

    monkeypatch.setattr(index_building, "find_drift", compare_early)
    with lease(BUILDING, "a build by another process"):
        promotion.roll_back()
    assert vector_index.live_collection() == Collection("movies_v1", 1)
    assert not find_drift(live_model())


def test_a_version_is_live_with_its_record_though_an_old_collection_cannot_be_dropped(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion.promote(world.register_version(2))
    away = create_autospec(vector_index.drop, side_effect=VectorIndexUnavailable("deadline exceeded"))
    monkeypatch.setattr(vector_index, "drop", away)
    version = version_with(3)
    promotion.promote(version, force=True, overruled_by="Ada", overrule_reason="it is new")
    version.refresh_from_db()
    assert live_model().version == 3
    assert version.gate["overruled_by"] == "Ada"
    away.assert_called()


def test_a_change_passed_on_between_build_and_promotion_is_not_lost(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build_then_sync(version: ModelVersion, *, report: Report) -> Collection:
        collection = index_building.build_collection(version, report=report)
        Movie.objects.create(title="Went to the collection before", year=2001)
        sync_changes()
        return collection

    monkeypatch.setattr(promotion, "build_collection", build_then_sync)
    promotion.rebuild(live)
    sync_changes()
    assert not find_drift(live_model())


@pytest.mark.parametrize("indexed", [True, False])
def test_what_a_killed_build_left_is_completed_or_built_anew(live: ModelVersion, indexed: bool) -> None:
    version, leftover = world.register_version(2), Collection("movies_v2", 2)
    vector_index.create(leftover, checksum=version.checksum)
    if not indexed:
        call("release_collection", leftover.name)
        call("drop_index", leftover.name, "vector")
    promotion.promote(version)
    assert live_model().version == 2
    assert not find_drift(live_model())


def test_what_milvus_lost_is_rebuilt_from_the_version_that_was_live_gate_or_not(live: ModelVersion) -> None:
    promotion.promote(version_with(2), force=True)
    world.register_version(3)
    empty_milvus()
    version = promotion.version_to_rebuild()
    assert version is not None
    promotion.rebuild(version)
    assert live_model().version == 2


def test_without_any_version_there_is_nothing_to_serve(stored: None, milvus: EngineProcess) -> None:
    forget_live_model()
    with pytest.raises(NoActiveModel, match="ever promoted"):
        live_model()
