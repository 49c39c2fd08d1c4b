"""Jobs on the index: done by a worker, cancelled, taken up again; and the trace of a list."""

from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest

from catalog.models import Movie, User
from recommendations import index_building, index_jobs, tasks, vector_index
from recommendations.index_jobs import JobCancelled, JobEnded, cancel_job, execute_job, recover_lost_jobs
from recommendations.index_sync import Drift
from recommendations.leases import LeaseTaken, lease
from recommendations.list_traces import trace_list
from recommendations.live_model import LiveModel, live_model
from recommendations.models import IndexJob, ModelVersion
from recommendations.serving import ListRequest
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests import world

State = IndexJob.State


def test_a_rebuild_makes_its_version_live_and_tells_how_far_it_is(live: ModelVersion) -> None:
    job = index_jobs.start_index_job("rebuild", version=live)
    tasks.run_index_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.attempts) == (State.DONE, 60, 60, 1)
    assert vector_index.live_collection() == Collection("movies_v1b", 1)


def test_a_comparison_finds_what_a_repair_mends(live: ModelVersion) -> None:
    gone = Movie.objects.order_by("pk").first()
    vector_index.delete(live_model().collection, [gone.pk])
    found = []
    for kind in ("compare", "repair", "compare"):
        job = index_jobs.start_index_job(kind)
        execute_job(job)
        found.append(job.findings["missing"]["movie_ids"])
    assert found == [[gone.pk], [gone.pk], []]


def test_the_scheduled_repair_is_a_job_that_is_kept_if_it_found_something(live: ModelVersion) -> None:
    gone = Movie.objects.order_by("pk").first()
    tasks.reconcile_index()
    vector_index.delete(live_model().collection, [gone.pk])
    for _ in range(3):
        tasks.reconcile_index()
    found = [(job.started_by, job.state, index_jobs.found_movies(job)) for job in IndexJob.objects.all()]
    assert found == [("schedule", "done", 0), ("schedule", "done", 1)]
    assert IndexJob.objects.last().findings["missing"]["movie_ids"] == [gone.pk]


def test_the_scheduled_repair_leaves_a_job_of_an_operator_alone(live: ModelVersion) -> None:
    job = index_jobs.start_index_job("compare")
    tasks.reconcile_index()
    assert IndexJob.objects.get() == job


def test_a_rebuild_that_is_refused_says_why(live: ModelVersion) -> None:
    worse = world.register_version(2)
    ModelVersion.objects.filter(pk=worse.pk).update(metrics={})
    job = index_jobs.start_index_job("rebuild", version=worse)
    tasks.run_index_job(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "no metrics" in job.error


def test_a_rebuild_cancelled_on_the_way_leaves_live_what_was_live(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_jobs, "LOOK_SECONDS", 0.0)
    job = index_jobs.start_index_job("rebuild", version=live)
    rebuild = index_jobs.rebuild

    def cancelled_meanwhile(version: ModelVersion, report: index_jobs.Report) -> None:
        cancel_job(IndexJob.objects.get(pk=job.pk))
        rebuild(version, report=report)

    with (
        patch.object(index_jobs, "rebuild", side_effect=cancelled_meanwhile),
        pytest.raises(JobCancelled),
    ):
        execute_job(job)
    job.refresh_from_db()
    assert job.state == State.STOPPED
    assert vector_index.live_collection() == Collection("movies_v1", 1)


@pytest.mark.parametrize("late", ["finish", "verify"])
def test_a_rebuild_cancelled_once_all_movies_are_written_does_not_go_live(
    live: ModelVersion, late: str
) -> None:
    job = index_jobs.start_index_job("rebuild", version=live)
    module = vector_index if late == "finish" else index_building
    step = getattr(module, late)

    def cancelled_meanwhile(*args: Any, **kwargs: Any) -> Any:
        cancel_job(IndexJob.objects.get(pk=job.pk))
        if late == "finish":
            kwargs["look"]()
        return step(*args, **kwargs)

    with (
        patch.object(module, late, autospec=True, side_effect=cancelled_meanwhile) as reached,
        pytest.raises(JobCancelled),
    ):
        execute_job(job)
    reached.assert_called_once()
    job.refresh_from_db()
    assert (job.state, vector_index.live_collection()) == (State.STOPPED, Collection("movies_v1", 1))


@pytest.mark.parametrize("fails", [False, True])
def test_a_comparison_cancelled_under_way_stays_cancelled(live: ModelVersion, fails: bool) -> None:
    job = index_jobs.start_index_job("compare")

    def cancelled_meanwhile(live: LiveModel) -> Drift:
        cancel_job(IndexJob.objects.get(pk=job.pk))
        if fails:
            raise VectorIndexUnavailable("gone")
        return Drift()

    with (
        patch.object(index_jobs, "find_drift", autospec=True, side_effect=cancelled_meanwhile),
        suppress(VectorIndexUnavailable),
    ):
        execute_job(job)
    assert (job.state, job.error) == (State.STOPPED, "")


def test_a_rebuild_that_went_live_is_done_though_it_was_cancelled(live: ModelVersion) -> None:
    job = index_jobs.start_index_job("rebuild", version=live)
    make_live = vector_index.make_live

    def cancelled_too_late(collection: Collection) -> None:
        make_live(collection)
        cancel_job(IndexJob.objects.get(pk=job.pk))

    with patch.object(vector_index, "make_live", autospec=True, side_effect=cancelled_too_late):
        execute_job(job)
    assert (job.state, live_model().collection.name) == (State.DONE, "movies_v1b")


def test_a_job_cancelled_in_the_queue_never_starts(db: None) -> None:
    job = index_jobs.start_index_job("compare")
    cancel_job(job)
    tasks.run_index_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.STOPPED, 0)
    with pytest.raises(JobEnded, match="stopped"):
        cancel_job(job)


def test_a_second_job_is_told_to_wait(db: None) -> None:
    index_jobs.start_index_job("compare")
    with pytest.raises(LeaseTaken, match="comes first"):
        index_jobs.start_index_job("repair")


def test_a_job_stays_queued_while_another_process_is_at_one(db: None) -> None:
    job = index_jobs.start_index_job("compare")
    with lease(index_jobs.LEASE, "another job"):
        tasks.run_index_job(job.pk)
        assert recover_lost_jobs() == []
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_a_job_whose_process_died_is_taken_up_again_three_times(db: None) -> None:
    job = index_jobs.start_index_job("compare")
    IndexJob.objects.update(state=State.RUNNING, attempts=1)
    assert recover_lost_jobs() == [job]
    IndexJob.objects.update(state=State.RUNNING, attempts=3)
    assert recover_lost_jobs() == []
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "its process died 3 times")


def test_a_job_that_other_work_holds_up_has_not_died(db: None) -> None:
    job = index_jobs.start_index_job("repair")
    held_up = patch.object(index_jobs, "repair_drift", autospec=True, side_effect=LeaseTaken("a build"))
    for _time in range(3):
        with held_up:
            tasks.run_index_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.QUEUED, 0)


def test_the_trace_tells_the_way_of_every_candidate(live: ModelVersion, fan: User) -> None:
    excluded = trace_list(fan, ListRequest(limit=1)).answer.results[0].movie.id
    traced = trace_list(fan, ListRequest(limit=3, exclude=(excluded,), diversity=0.3))
    outcomes = {candidate.movie_id: candidate.outcome for candidate in traced.candidates}
    assert outcomes[excluded] == "excluded"
    rated = set(fan.ratings.values_list("movie_id", flat=True))
    assert {pk for pk, outcome in outcomes.items() if outcome == "rated"} == rated & set(outcomes)
    chosen = sorted((c.final_rank, c.movie_id) for c in traced.candidates if c.final_rank)
    assert [pk for _rank, pk in chosen] == [found.movie.id for found in traced.answer.results]
    scores = [candidate.retrieval_score for candidate in traced.candidates]
    assert scores == sorted(scores, reverse=True)
    assert {"history", "user_vector", "retrieval", "ranking"} <= set(traced.trace.milliseconds)
    assert "outranked" in outcomes.values()
