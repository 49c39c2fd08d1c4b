"""A real Celery worker trains, over Redis and over RabbitMQ, and survives being killed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from celery import current_app
from django.core.management import CommandError, call_command

from catalog.models import Movie, MovieChange
from recommendations import index_jobs, tasks, vector_index
from recommendations.leases import is_held
from recommendations.models import IndexJob, ModelVersion, TrainingRun
from recommendations.run_queue import TRAINING, create_run
from tests import environment, world
from tests.engines import EngineProcess, manage, wait_until

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("stored_world", "milvus")]

BROKERS = {"redis": environment.BROKER_URL, "rabbitmq": environment.RABBITMQ_URL}
LONG = world.QUICK_CONFIG | {"epochs": 400, "validation_users": 0}  # minutes: long enough to be interrupted
StartWorker = Callable[..., EngineProcess]


def send(run: TrainingRun, broker_url: str) -> None:
    """Put the run into the broker's empty queue."""
    with current_app.connection_for_write(broker_url) as connection:
        queue = current_app.amqp.queues["training"].bind(connection.default_channel)
        queue.declare()
        queue.purge()
        tasks.run_training.apply_async((run.pk,), connection=connection)


def is_under_way(run: TrainingRun) -> bool:
    run.refresh_from_db()
    return run.state == TrainingRun.State.RUNNING and bool(run.progress)


def has_ended(run: TrainingRun) -> bool:
    run.refresh_from_db()
    return run.finished_at is not None


@pytest.mark.parametrize("broker", BROKERS)
def test_a_worker_trains_and_promotes(broker: str, start_worker: StartWorker) -> None:
    run = create_run(config=world.QUICK_CONFIG, seed=7, promote=True)
    send(run, BROKERS[broker])
    start_worker("training", CELERY_BROKER_URL=BROKERS[broker])
    wait_until(lambda: has_ended(run), seconds=90, what="the training")
    assert (run.state, run.error) == (TrainingRun.State.DONE, "")
    wait_until(vector_index.live_collection, seconds=60, what="the version goes live")
    assert vector_index.count(vector_index.live_collection()) == 60


def test_neither_changes_nor_a_rebuild_wait_behind_a_training(
    live: ModelVersion, start_worker: StartWorker
) -> None:
    run = create_run(config=LONG, seed=7)
    send(run, environment.BROKER_URL)
    start_worker("training")
    wait_until(lambda: is_under_way(run), seconds=60, what="the training is under way")
    start_worker("sync")
    job = index_jobs.start_index_job("rebuild", version=live)
    Movie.objects.filter(pk=100).update(year=1966)
    wait_until(lambda: IndexJob.objects.get(pk=job.pk).state == "done", seconds=60, what="the rebuild")
    wait_until(lambda: not MovieChange.objects.pending().exists(), seconds=30, what="the change is passed on")
    assert vector_index.fetch(vector_index.live_collection(), [100])[100].year == 1966
    assert is_under_way(run)


def test_lists_ahead_are_computed_by_the_worker_that_trains(
    live: ModelVersion, start_worker: StartWorker, tmp_path: Path
) -> None:
    call_command("precompute_recommendations", tmp_path, "--queue")
    start_worker("training")
    wait_until(lambda: list(tmp_path.glob("lists-*.jsonl")), seconds=60, what="the lists")


@pytest.mark.parametrize("broker", BROKERS)
def test_a_run_whose_worker_was_killed_is_finished_by_another(broker: str, start_worker: StartWorker) -> None:
    run = create_run(config=LONG | {"epochs": 20}, seed=7)
    send(run, BROKERS[broker])
    worker = start_worker("training", CELERY_BROKER_URL=BROKERS[broker])
    wait_until(lambda: is_under_way(run), seconds=60, what="the training is under way")
    worker.kill()
    assert not ModelVersion.objects.exists()
    start_worker("training", CELERY_BROKER_URL=BROKERS[broker])
    tasks.recover_training()  # every minute by beat; RabbitMQ gives the task to the next worker by itself
    wait_until(lambda: has_ended(run), seconds=150, what="the training ends after all")
    assert (run.state, run.attempts) == (TrainingRun.State.DONE, 2)
    assert ModelVersion.objects.get().number == 1


def test_a_second_training_is_refused_with_the_reason(start_worker: StartWorker) -> None:
    first = manage("train_model", "--config", world.config_file(LONG))
    wait_until(lambda: is_held(TRAINING), seconds=60, what="the first training holds the lease")
    with pytest.raises(CommandError, match="running, comes first"):
        call_command("train_model")
    assert first.poll() is None
    first.kill()
    first.wait()


def test_a_training_waits_for_no_other_one_in_the_queue(start_worker: StartWorker) -> None:
    first = manage("train_model", "--config", world.config_file(LONG))
    wait_until(lambda: is_held(TRAINING), seconds=60, what="the first training holds the lease")
    other = TrainingRun.objects.create(seed=1, config=world.QUICK_CONFIG)
    tasks.run_training(other.pk)
    other.refresh_from_db()
    assert other.state == TrainingRun.State.QUEUED
    first.kill()
    first.wait()
