"""What a worker makes of its tasks: work whose row is gone, work that takes long."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from celery import Task
from celery.schedules import maybe_schedule

from movierec.celery import app
from recommendations import tasks
from recommendations.index_sync import OUTBOX_KEPT
from tests.engines import BASE_DIR

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("task", [tasks.run_training, tasks.run_index_job, tasks.prepare_experiment])
def test_work_whose_row_is_gone_is_one_line_of_the_log(
    task: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    task(404)
    [record] = caplog.records
    assert "404" in record.getMessage()
    assert "does not exist" in record.getMessage()


@pytest.mark.parametrize("task", [tasks.run_index_job, tasks.prepare_experiment])
def test_ten_million_movies_are_built_within_the_limit_and_that_within_the_outbox(task: Task) -> None:
    ten_million = 10 * timedelta(minutes=12.6)  # docs/performance.md
    assert ten_million < timedelta(seconds=task.soft_time_limit) < timedelta(seconds=task.time_limit)
    assert timedelta(seconds=task.time_limit) < OUTBOX_KEPT


def test_rabbitmq_waits_for_the_longest_task() -> None:
    configuration = (BASE_DIR / "deploy" / "rabbitmq.conf").read_text()
    [milliseconds] = re.findall(r"^consumer_timeout = (\d+)$", configuration, re.MULTILINE)
    longest = max(task.time_limit for task in app.tasks.values() if task.time_limit)
    assert longest >= tasks.BUILDING_SECONDS
    assert longest < int(milliseconds) / 1000


@pytest.mark.parametrize("name", app.conf.beat_schedule)
def test_what_is_scheduled_runs_each_day_though_beat_starts_anew_every_twelve_hours(name: str) -> None:
    starts = [datetime(2026, 3, 4, hour, tzinfo=UTC) for hour in (0, 12)]
    assert any(is_due(name, last_run_at=start, now=start + timedelta(hours=12)) for start in starts)


def is_due(name: str, *, last_run_at: datetime, now: datetime) -> bool:
    schedule = maybe_schedule(app.conf.beat_schedule[name]["schedule"], app=app)
    schedule.nowfun = lambda: now
    return schedule.is_due(last_run_at).is_due
