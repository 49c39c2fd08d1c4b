"""A disk that is full while a model is saved, and a model folder that was tampered with."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import User
from recommendations import live_model, vector_index
from recommendations.models import ModelVersion, TrainingRun
from recommendations.serving import ListRequest, recommend
from recommendations.vector_index import Collection
from tests import engines, world

pytestmark = pytest.mark.services
TINY = 40_000  # bytes; less than the weights take


def limit_file_size() -> None:
    """Every write beyond TINY fails from here on, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (TINY, TINY))


def train_on_a_full_disk() -> subprocess.CompletedProcess[str]:
    config = world.config_file(world.QUICK_CONFIG)
    return subprocess.run(
        [sys.executable, "manage.py", "train_model", "--config", config],
        cwd=engines.BASE_DIR,
        env=engines.shared_environment(),
        preexec_fn=limit_file_size,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_full_disk_is_one_clear_line_and_leaves_no_half_model(
    stored_world: None, model_dir: Path, milvus: object
) -> None:
    ended = train_on_a_full_disk()
    assert ended.returncode == 1
    assert "CommandError: the model could not be saved: [Errno 27] File too large" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not ModelVersion.objects.exists()
    assert [path for path in model_dir.iterdir() if path.name != "runs"] == []
    assert TrainingRun.objects.get().state == TrainingRun.State.FAILED


def test_a_model_folder_with_a_wrong_checksum_is_not_promoted(live: ModelVersion) -> None:
    version = world.register_version(2)
    with (version.folder / "weights.npz").open("ab") as weights:
        weights.write(b"one byte too many")
    with pytest.raises(CommandError, match="the checksum does not match"):
        call_command("promote_model", "2")
    assert vector_index.live_collection() == Collection("movies_v1", 1)


def test_a_process_that_finds_the_live_model_damaged_serves_popular_movies(
    live: ModelVersion, fan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_model, "_live", None)  # as in a process that has just started
    (live.folder / "vocabulary.json").write_text("{}")
    answer = recommend(fan, ListRequest(limit=5))
    assert answer.source == "popular"
    assert "not ready yet" in answer.notice
