"""An operator stops a training: it ends within seconds, whatever it is doing, and can be resumed."""

import signal
import threading
import time
from collections.abc import Callable
from unittest.mock import create_autospec

import pytest
from django.db import OperationalError

from recommendations import run_queue, stopping, training
from recommendations.leases import LeaseTaken
from recommendations.models import ModelVersion, TrainingRun
from recommendations.run_journal import Report, RunJournal
from recommendations.run_queue import RunEnded, create_run, finish_run, resume_run, stop_run
from recommendations.stopping import StopRequested, heed_stop
from recommendations.training import TrainingFailed, TrainingPutBack, execute_run
from tests import world
from tests.engines import EngineProcess

State = TrainingRun.State


def stop_while_it_trains(run: TrainingRun) -> Report:
    def stop(fields: dict[str, object]) -> None:
        if not TrainingRun.objects.get().stop_requested_at:
            stop_run(run)
        time.sleep(0.02)

    return stop


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "LOOK_SECONDS", 0.02)


def test_work_that_looks_can_end_by_itself() -> None:
    with heed_stop(lambda: True) as should_stop:
        while not should_stop():
            time.sleep(0.01)


def test_work_that_does_not_look_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "GRACE_SECONDS", 0.05)
    began = time.monotonic()
    with pytest.raises(StopRequested), heed_stop(lambda: True):
        time.sleep(30)
    assert time.monotonic() - began < 5


def test_nothing_is_left_behind_once_the_work_is_done() -> None:
    before = signal.getsignal(stopping.SIGNAL)
    with heed_stop(lambda: False) as should_stop:
        assert not should_stop()
    assert signal.getsignal(stopping.SIGNAL) == before
    assert "heed-stop" not in {thread.name for thread in threading.enumerate()}


def test_a_database_that_is_away_stops_nothing() -> None:
    def gone() -> bool:
        raise OperationalError("gone")

    with heed_stop(gone) as should_stop:
        time.sleep(0.1)
        assert not should_stop()


def test_a_queued_run_is_stopped_at_once(stored: None) -> None:
    run = create_run(config=world.QUICK_CONFIG)
    stop_run(run)
    with pytest.raises(LeaseTaken, match="has ended"):
        execute_run(run)
    run.refresh_from_db()
    assert run.state == State.STOPPED


def test_a_run_without_a_process_is_stopped_at_once(stored: None) -> None:
    run = create_run()
    TrainingRun.objects.update(state=State.RUNNING)
    stop_run(run)
    run.refresh_from_db()
    assert run.state == State.STOPPED


def test_a_run_that_is_over_cannot_be_stopped(db: None) -> None:
    run = TrainingRun.objects.create(seed=1, state=State.DONE)
    with pytest.raises(RunEnded):
        stop_run(run)
    with pytest.raises(RunEnded):
        resume_run(run)


def test_a_run_that_died_after_it_was_asked_to_stop_is_not_started_again(stored: None) -> None:
    run = create_run()
    TrainingRun.objects.update(state=State.RUNNING, stop_requested_at=run.created_at)
    assert run_queue.recover_lost_runs() == []
    run.refresh_from_db()
    assert run.state == State.STOPPED


def test_a_run_that_was_taken_for_lost_while_it_trained_is_running_again(stored: None) -> None:
    run = create_run()
    TrainingRun.objects.update(state=State.RUNNING)
    assert run_queue.recover_lost_runs() == [run]  # its lease ran out while the database was away
    RunJournal(run, training.report_nothing).note("still training")
    run.refresh_from_db()
    assert run.state == State.RUNNING


def test_the_journal_wakes_no_run_that_was_stopped(stored: None) -> None:
    run = create_run()
    stop_run(run)
    RunJournal(run, training.report_nothing).note("still training")
    run.refresh_from_db()
    assert run.state == State.STOPPED


@pytest.mark.parametrize("ended", [State.STOPPED, State.DONE, State.FAILED])
def test_a_run_that_has_ended_stays_as_it_ended(db: None, ended: State) -> None:
    run = TrainingRun.objects.create(seed=1, state=State.RUNNING)
    TrainingRun.objects.update(state=ended)
    finish_run(run, State.STOPPED if ended == State.DONE else State.DONE)
    assert (run.state, TrainingRun.objects.get().state) == (ended, ended)


@pytest.mark.parametrize("end", [run_queue.put_back, lambda run: finish_run(run, State.FAILED)])
def test_a_connection_that_broke_meanwhile_is_dropped_before_an_end_is_written(
    db: None, monkeypatch: pytest.MonkeyPatch, end: Callable[[TrainingRun], object]
) -> None:
    run = TrainingRun.objects.create(seed=1, state=State.RUNNING, attempts=1)
    dropped = create_autospec(run_queue.drop_broken_connection)
    monkeypatch.setattr(run_queue, "drop_broken_connection", dropped)
    end(run)
    dropped.assert_called_once_with()
    assert run.state != State.RUNNING


def test_a_training_that_was_taken_for_lost_stops_when_it_is_asked_to(
    transactional_db: None, stored: None, milvus: EngineProcess
) -> None:
    run = create_run(config=world.QUICK_CONFIG | {"epochs": 3}, seed=7)

    def stop_as_one_that_waits(fields: dict[str, object]) -> None:
        if TrainingRun.objects.filter(state=State.RUNNING).update(state=State.QUEUED):
            stop_run(run)
        time.sleep(0.02)

    with pytest.raises(TrainingFailed, match="stopped in epoch"):
        execute_run(run, report=stop_as_one_that_waits)
    run.refresh_from_db()
    assert (run.state, run.stop_requested_at) == (State.STOPPED, None)
    assert not ModelVersion.objects.exists()


def test_a_run_that_is_stopped_while_its_version_is_registered_promotes_nothing(
    stored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run(promote=True)

    def train(run: TrainingRun, *_: object) -> ModelVersion:
        TrainingRun.objects.update(state=State.STOPPED)
        return world.register_version(1)

    monkeypatch.setattr(training, "_train", train)
    with pytest.raises(TrainingFailed, match="stopped: it had ended when version 1"):
        execute_run(run)
    run.refresh_from_db()
    assert (run.state, ModelVersion.objects.get().promoted_at) == (State.STOPPED, None)


def test_a_training_stops_and_goes_on_from_its_checkpoint(
    transactional_db: None, stored: None, milvus: EngineProcess
) -> None:
    run = create_run(config=world.QUICK_CONFIG | {"epochs": 3}, seed=7)

    with pytest.raises(TrainingFailed, match="stopped in epoch"):
        execute_run(run, report=stop_while_it_trains(run))
    run.refresh_from_db()
    assert run.state == State.STOPPED
    assert not ModelVersion.objects.exists()
    world.add_rating()  # what comes meanwhile is for the next training
    execute_run(resume_run(run))
    run.refresh_from_db()
    assert run.state == State.DONE
    assert "goes on from its checkpoint" in run.log
    assert f"registered as {run.model_version}" in run.log
    assert run.curve[-1][0] > run.curve[0][0]


@pytest.mark.parametrize("part", ["compare", "save_artifact"])
def test_what_was_trained_is_not_lost_when_what_follows_fails(
    stored: None, milvus: EngineProcess, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    run = create_run(config=world.QUICK_CONFIG, seed=7)
    with monkeypatch.context() as patched:
        full = create_autospec(getattr(training, part), side_effect=OSError("No space left on device"))
        patched.setattr(training, part, full)
        with pytest.raises(TrainingFailed, match="No space left"):
            execute_run(run)
    steps: list[object] = []
    execute_run(resume_run(run), report=lambda told: steps.append(told["step"]))
    assert (run.state, steps) == (State.DONE, [])  # all steps were in the checkpoint
    assert not list(run.checkpoint_dir.iterdir())


def test_a_warm_start_that_became_a_full_training_goes_on_as_one(live: ModelVersion) -> None:
    def end_soon(told: dict[str, object]) -> None:
        ending.set()
        time.sleep(0.02)

    ending = threading.Event()
    run = create_run(config=world.QUICK_CONFIG | {"width": 32, "epochs": 3}, seed=7, warm_start=True)
    with pytest.raises(TrainingPutBack, match="stopped in epoch"):
        execute_run(run, report=end_soon, is_ending=ending.is_set)
    world.add_rating()
    execute_run(run)
    assert run.state == State.DONE
    assert "goes on from its checkpoint" in run.log


def test_a_training_whose_process_ends_is_left_for_the_next_one(
    transactional_db: None, stored: None, milvus: EngineProcess
) -> None:
    run = create_run(config=world.QUICK_CONFIG | {"epochs": 3}, seed=7)
    with pytest.raises(TrainingPutBack, match="stopped in epoch"):
        execute_run(run, report=lambda _: time.sleep(0.02), is_ending=lambda: True)
    assert (run.state, run.attempts, run.finished_at) == (State.QUEUED, 0, None)
    assert run_queue.recover_lost_runs() == [run]
    execute_run(run)
    assert (run.state, run.attempts) == (State.DONE, 1)
    assert "goes on from its checkpoint" in run.log


def test_one_that_an_operator_stopped_is_not(
    transactional_db: None, stored: None, milvus: EngineProcess
) -> None:
    run = create_run(config=world.QUICK_CONFIG | {"epochs": 3}, seed=7)

    with pytest.raises(TrainingFailed, match="stopped in epoch"):
        execute_run(run, report=stop_while_it_trains(run), is_ending=lambda: bool(run.progress))
    assert (run.state, run.attempts) == (State.STOPPED, 1)


def test_a_comparison_whose_process_ends_is_left_for_the_next_one(
    transactional_db: None, stored: None, milvus: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare_for_long(*parts: object) -> dict[str, object]:
        ending.set()
        time.sleep(30)
        raise AssertionError("nobody interrupted it")

    ending = threading.Event()
    run = create_run(config=world.QUICK_CONFIG | {"epochs": 1}, seed=7)
    with monkeypatch.context() as patched:
        patched.setattr(stopping, "GRACE_SECONDS", 0.05)
        patched.setattr(training, "_compared", compare_for_long)
        with pytest.raises(TrainingPutBack):
            execute_run(run, is_ending=ending.is_set)
    execute_run(run)
    assert run.state == State.DONE
    assert "goes on from its checkpoint" in run.log
