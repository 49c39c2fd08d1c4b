"""Which versions stay, and that the others go with files and index and nothing else does."""

import shutil
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from recommendations import promotion, retention, vector_index
from recommendations.index_building import BUILDING
from recommendations.leases import LeaseTaken, lease
from recommendations.live_model import live_model
from recommendations.models import ModelVersion, TrainingRun
from recommendations.promotion import PromotionRefused
from recommendations.retention import reasons_to_keep, remove_old_versions
from recommendations.tasks import remove_old_versions as remove_task
from recommendations.vector_index import Collection
from tests import world
from tests.engines import EngineProcess

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_are_kept(settings: Settings) -> None:
    settings.MODEL_VERSIONS_KEPT = 2


def folders() -> list[str]:
    return sorted(path.name for path in settings.MODEL_DIR.iterdir())


def test_the_newest_the_live_the_one_before_and_protected_ones_stay(live: ModelVersion) -> None:
    versions = {number: world.register_version(number) for number in range(2, 8)}
    ModelVersion.objects.filter(number=4).update(is_protected=True)
    promotion.promote(versions[3], force=True)
    assert {number: len(reasons) for number, reasons in reasons_to_keep().items()} == {
        1: 1, 3: 1, 4: 1, 6: 1, 7: 1,
    }  # fmt: skip
    assert [version.number for version in remove_old_versions()] == [5, 2]
    assert folders() == ["v1", "v3", "v4", "v6", "v7"]
    assert live_model().version == 3
    assert promotion.roll_back().number == 1
    assert sorted(ModelVersion.objects.stored().values_list("number", flat=True)) == [1, 3, 4, 6, 7]


def test_files_and_collections_go_together_and_the_figures_stay(live: ModelVersion) -> None:
    for number in (2, 3, 4):
        world.register_version(number)
    vector_index.create(Collection("movies_v2", 2), checksum="left by a build")
    remove_old_versions()
    assert [c.name for c in vector_index.collections()] == ["movies_v1"]
    removed = ModelVersion.objects.get(number=2)
    assert removed.removed_at is not None
    assert removed.metrics["held_out"]["users"] == world.HELD_OUT["users"]


def test_what_a_crash_left_is_removed_the_next_time(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (2, 3, 4):
        world.register_version(number)
    vector_index.create(Collection("movies_v2", 2), checksum="left by a build")
    with monkeypatch.context() as patched:
        patched.setattr(vector_index, "drop", lambda collection: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            remove_old_versions()
    assert (folders(), live_model().version) == (["v1", "v2", "v3", "v4"], 1)
    (settings.MODEL_DIR / ".removed-half").mkdir()
    assert remove_old_versions() == []
    assert folders() == ["v1", "v3", "v4"]
    assert [c.name for c in vector_index.collections()] == ["movies_v1"]


def test_a_version_that_went_live_while_it_was_marked_stays(live: ModelVersion) -> None:
    ModelVersion.objects.update(removed_at="2026-01-01T00:00Z")
    assert remove_old_versions() == []
    live.refresh_from_db()
    assert live.removed_at is None
    assert live_model().version == 1


def test_a_removed_version_is_not_made_live_again(live: ModelVersion) -> None:
    versions = [world.register_version(number) for number in (2, 3, 4)]
    remove_old_versions()
    for attempt in (promotion.promote, promotion.rebuild):
        with pytest.raises(PromotionRefused, match="files were removed"):
            attempt(versions[0])
    assert live_model().version == 1


def test_nothing_is_removed_while_nobody_knows_what_is_live(
    live: ModelVersion, milvus: EngineProcess
) -> None:
    for number in (2, 3, 4):
        world.register_version(number)
    milvus.stop()
    remove_task()
    assert folders() == ["v1", "v2", "v3", "v4"]
    with pytest.raises(CommandError):
        call_command("remove_old_versions")


def test_nothing_is_removed_while_an_index_is_built(live: ModelVersion) -> None:
    with lease(BUILDING, "a build"), pytest.raises(LeaseTaken, match="a build"):
        remove_old_versions()


def test_what_a_training_goes_on_from_stays(live: ModelVersion) -> None:
    for number in (2, 3, 4):
        world.register_version(number)
    TrainingRun.objects.create(seed=1, state="stopped", base_version=2)
    assert 2 not in reasons_to_keep()
    TrainingRun.objects.update(state="running")
    assert 2 in reasons_to_keep()


def test_without_an_index_the_version_that_would_be_rebuilt_stays(
    stored: None, milvus: EngineProcess
) -> None:
    for number in (1, 2, 3, 4):
        world.register_version(number)
    ModelVersion.objects.filter(number=1).update(promoted_at="2026-01-01T00:00Z")
    assert sorted(reasons_to_keep()) == [1, 3, 4]


def test_the_command_names_what_it_removes(live: ModelVersion) -> None:
    for number in (2, 3, 4):
        world.register_version(number)
    told = []
    for options in ({"dry_run": True}, {}, {}):
        out = StringIO()
        call_command("remove_old_versions", stdout=out, **options)
        told.append(out.getvalue().strip())
    assert told == ["version 2 would be removed", "version 2 is removed", "nothing to remove"]
    assert not (settings.MODEL_DIR / "v2").exists()


def test_a_folder_that_is_gone_already_is_no_fault(live: ModelVersion) -> None:
    versions = [world.register_version(number) for number in (2, 3, 4)]
    shutil.rmtree(versions[0].folder)
    assert [version.number for version in remove_old_versions()] == [2]
    assert retention.disk_use(versions[0].folder) == 0 < retention.disk_use(versions[1].folder)
