"""A real worker on the embedded engines: a folder as broker, SQLite, Milvus Lite."""

import os
import signal
from collections.abc import Callable

import pytest

from catalog.models import Movie
from recommendations import tasks, vector_index
from recommendations.live_model import forget_live_model, live_model
from recommendations.models import TrainingRun
from recommendations.promotion import promote
from recommendations.run_queue import create_run
from tests import world
from tests.engines import EngineProcess, wait_until


@pytest.mark.usefixtures("transactional_db", "model_dir", "milvus")
def test_a_change_of_a_movie_reaches_milvus_by_itself(start_worker: Callable[..., EngineProcess]) -> None:
    world.store_world()
    forget_live_model()
    promote(world.register_version(1))
    start_worker("sync")
    Movie.objects.filter(pk=100).update(year=1966)
    collection = live_model().collection
    wait_until(
        lambda: vector_index.fetch(collection, [100])[100].year == 1966,
        seconds=30,
        what="the change in Milvus",
    )


@pytest.mark.usefixtures("transactional_db", "model_dir", "milvus")
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["its main process", "all of its processes"])
def test_a_training_whose_worker_is_told_to_end_goes_on_with_the_next_one(
    send: Callable[[int, int], None], start_worker: Callable[..., EngineProcess]
) -> None:
    world.store_world()
    run = create_run(config=world.QUICK_CONFIG | {"epochs": 400, "validation_users": 0}, seed=7)
    tasks.run_training.delay(run.pk)
    worker = start_worker("training")
    wait_until(lambda: TrainingRun.objects.get().progress, seconds=60, what="the training is under way")
    send(worker._process.pid, signal.SIGTERM)
    wait_until(lambda: not worker.is_running, seconds=30, what="the worker has ended")
    run.refresh_from_db()
    assert (run.state, run.error, run.attempts) == (TrainingRun.State.QUEUED, "", 0)
    assert "goes on with the next worker: stopped in epoch" in worker.log.read_text()
    assert "Traceback" not in worker.log.read_text()
    tasks.recover_training()
    start_worker("training")
    goes_on = TrainingRun.objects.filter(attempts=1, log__contains="goes on from its checkpoint")
    wait_until(goes_on.exists, seconds=60, what="the next worker goes on")
