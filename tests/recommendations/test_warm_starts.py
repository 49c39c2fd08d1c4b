"""Trainings that go on from the live version, and when they do not."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import User
from recommendations import plans, training
from recommendations.models import ModelVersion, TrainingPlan, TrainingRun
from recommendations.run_journal import RunJournal
from recommendations.run_queue import create_run
from recommendations.training import execute_run
from recommendations.warm_starts import configuration, earlier_model
from tests import world
from tests.factories import RatingFactory


def journal_of(run: TrainingRun) -> RunJournal:
    return RunJournal(run, training.report_nothing)


def test_a_warm_start_goes_on_from_the_live_version_for_fewer_epochs(live: ModelVersion) -> None:
    world.add_rating()
    call_command("train_model", warm_start=True, stdout=StringIO())
    run, version = TrainingRun.objects.get(), ModelVersion.objects.get(number=2)
    assert (run.warm_start, run.base_version) == (True, 1)
    assert "goes on from the weights of version 1" in run.log
    assert version.data_snapshot["base_version"] == 1
    assert version.data_snapshot["warm_start"] is True
    assert version.config["width"] == world.QUICK_CONFIG["width"]  # as its base, without being told
    assert version.metrics["held_out"]["live_version"] == 1


@pytest.mark.parametrize("asked_only", [False, True])
def test_after_a_deletion_nothing_is_carried_over(live: ModelVersion, asked_only: bool) -> None:
    if asked_only:
        User.objects.filter(pk=7).update(deletion_requested_at=timezone.now())
    else:
        User.objects.get(pk=7).delete()
        ModelVersion.objects.update(people_deleted=1)
    run = create_run(warm_start=True)
    assert earlier_model(run, journal_of(run)) is None
    assert "a full training: people who taught version 1 something were deleted since" in run.log


def test_without_a_live_version_it_is_a_full_training(stored: None, milvus: Any) -> None:
    run = create_run(warm_start=True)
    assert earlier_model(run, journal_of(run)) is None
    assert "a full training: no model version was ever promoted" in run.log


def test_towers_of_another_shape_make_it_a_full_training(live: ModelVersion) -> None:
    run = create_run(config=world.QUICK_CONFIG | {"width": 8, "heads": 2, "epochs": 1}, warm_start=True)
    version = execute_run(run)
    run.refresh_from_db()
    assert (run.base_version, version.data_snapshot["warm_start"]) == (None, False)
    assert "a full training: " in run.log


@pytest.mark.parametrize(("more", "goes_on"), [(0, True), (1, False)])
def test_people_whom_the_earlier_version_was_trained_on_are_not_held_out(
    live: ModelVersion, more: int, goes_on: bool
) -> None:
    held_out = live.config["validation_users"]
    run = create_run(config={"validation_users": held_out + more}, warm_start=True)
    assert (earlier_model(run, journal_of(run)) is not None) == goes_on
    reason = f"a full training: it may hold out {held_out + 1} people, version 1 held out {held_out} at most"
    assert (reason in run.log) != goes_on


def test_a_run_goes_on_from_the_version_that_it_was_given_or_began_with(live: ModelVersion) -> None:
    world.register_version(2)
    run = create_run(warm_start=True, base_version=2)
    earlier = earlier_model(run, journal_of(run))
    assert earlier is not None
    assert "weights of version 2" in run.log
    assert configuration(run, earlier).epochs is None


def test_a_plan_may_start_warm(db: None) -> None:
    TrainingPlan.objects.create(name="hourly", after_ratings=1, warm_start=True)
    RatingFactory()
    assert [run.warm_start for run in plans.start_due_plans()] == [True]
