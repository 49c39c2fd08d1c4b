import json
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from catalog.models import Rating
from recommendations import run_queue, training
from recommendations.leases import LeaseTaken, lease
from recommendations.live_model import load_model
from recommendations.models import ModelVersion, TrainingRun
from recommendations.run_journal import RunJournal
from recommendations.training import TrainingFailed
from recommendations.two_tower.config import ConfigInvalid
from tests import world
from tests.engines import EngineProcess

State = TrainingRun.State


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "quick.json"
    path.write_text(json.dumps(world.QUICK_CONFIG))
    return path


def test_train_model_registers_a_version_and_makes_it_live(
    stored: None, milvus: EngineProcess, config_file: Path
) -> None:
    out = StringIO()
    call_command("train_model", config=config_file, seed=7, promote=True, stdout=out)
    version = ModelVersion.objects.get()
    run = TrainingRun.objects.get()
    assert (run.state, run.model_version, version.seed) == (State.DONE, version, 7)
    assert version.promoted_at is not None
    assert "per_user" not in version.metrics
    assert len(load_model(version).metrics["per_user"]["model"]) == version.metrics["held_out"]["users"]
    assert version.metrics["quality"]["over_k"]
    assert version.metrics["held_out"]["ndcg@10"] > version.metrics["held_out"]["popularity_ndcg@10"]
    assert "version 1 is trained" in out.getvalue()


def test_too_few_ratings_are_one_clear_line(stored: None, milvus: EngineProcess, config_file: Path) -> None:
    Rating.objects.all().delete()
    with pytest.raises(CommandError, match="too few"):
        call_command("train_model", config=config_file)
    assert TrainingRun.objects.get().state == State.FAILED


def test_an_unknown_hyperparameter_is_named(stored: None, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"widht": 64}')
    with pytest.raises(CommandError, match="widht"):
        call_command("train_model", config=path)
    assert not TrainingRun.objects.exists()


def test_a_missing_configuration_file_is_named(stored: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.json"):
        call_command("train_model", config=tmp_path / "none.json")


def test_a_second_training_is_told_to_wait(stored: None) -> None:
    run = run_queue.create_run(config=world.QUICK_CONFIG)
    with pytest.raises(LeaseTaken, match=f"training run {run.pk}"):
        run_queue.create_run(config=world.QUICK_CONFIG)


def test_a_run_does_not_start_while_another_process_trains(stored: None) -> None:
    run = run_queue.create_run(config=world.QUICK_CONFIG)
    with lease(run_queue.TRAINING, "training run 99"), pytest.raises(LeaseTaken, match="training run 99"):
        training.execute_run(run)
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_a_bad_configuration_makes_no_run(db: None) -> None:
    with pytest.raises(ConfigInvalid):
        run_queue.create_run(config={"layers": 0, "nonsense": 1})
    assert not TrainingRun.objects.exists()


def test_a_run_whose_process_died_is_queued_again(stored: None) -> None:
    run = run_queue.create_run(config=world.QUICK_CONFIG)
    TrainingRun.objects.update(state=State.RUNNING, attempts=1)
    assert run_queue.recover_lost_runs() == [run]
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_a_run_that_died_three_times_is_given_up(stored: None) -> None:
    run = run_queue.create_run(config=world.QUICK_CONFIG)
    TrainingRun.objects.update(state=State.RUNNING, attempts=3)
    assert run_queue.recover_lost_runs() == []
    run.refresh_from_db()
    assert (run.state, run.error) == (State.FAILED, "its process died 3 times")


def test_a_run_that_is_delivered_after_every_death_is_given_up_too(stored: None) -> None:
    run = run_queue.create_run(config=world.QUICK_CONFIG)
    TrainingRun.objects.update(state=State.RUNNING, attempts=3)
    with pytest.raises(TrainingFailed, match="died 3 times"):
        training.execute_run(run)
    run.refresh_from_db()
    assert run.state == State.FAILED


def test_a_training_stopped_by_hand_goes_on_when_it_is_asked_for_again(
    stored: None, milvus: EngineProcess, config_file: Path
) -> None:
    with (
        patch.object(training, "load_training_data", autospec=True, side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        call_command("train_model", config=config_file)
    assert run_queue.recover_lost_runs() == []
    call_command("train_model", config=config_file, stdout=StringIO(), stderr=StringIO())
    assert TrainingRun.objects.get().state == State.DONE


def test_a_database_that_is_away_for_a_moment_does_not_end_a_training(stored: None) -> None:
    run = run_queue.create_run(config=world.QUICK_CONFIG)
    gone = OperationalError("server has gone away")
    with patch.object(TrainingRun.objects, "filter", autospec=True, side_effect=gone) as query:
        RunJournal(run, training.report_nothing).note("still training")
    query.assert_called_once()


@pytest.mark.parametrize("seed", [-1, 10**20])
def test_a_seed_that_cannot_be_kept_is_refused(db: None, seed: int) -> None:
    with pytest.raises(CommandError, match="--seed"):
        call_command("train_model", seed=seed)


def test_a_living_run_is_left_alone(stored: None) -> None:
    run = run_queue.create_run(config=world.QUICK_CONFIG)
    TrainingRun.objects.update(state=State.RUNNING)
    with lease(run_queue.TRAINING, f"training run {run.pk}"):
        assert run_queue.recover_lost_runs() == []
    run.refresh_from_db()
    assert run.state == State.RUNNING


def test_a_folder_that_a_crash_left_is_not_written_over_and_half_ones_go(
    stored: None, milvus: EngineProcess, model_dir: Path, config_file: Path
) -> None:
    (model_dir / "v4").mkdir()
    (model_dir / ".v3-half").mkdir()
    call_command("train_model", config=config_file, stdout=StringIO())
    assert ModelVersion.objects.get().number == 5
    assert not (model_dir / ".v3-half").exists()
