"""/metrics: what Prometheus reads."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from catalog.models import Movie, MovieChange
from movierec import engines
from recommendations import metrics
from recommendations.experiments.models import Experiment
from recommendations.models import DriftReport, IndexJob, ServedList, TrainingRun
from recommendations.vector_index import Collection
from tests.engines import EngineProcess, wait_until
from tests.factories import MovieFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _engines(monkeypatch: pytest.MonkeyPatch) -> None:
    probes = {"database": lambda: None, "milvus": lambda: 3, "broker": lambda: {"sync": 2, "training": 1}}
    monkeypatch.setattr(engines, "PROBES", probes)
    live = Collection("movies_v3", 3)
    monkeypatch.setattr("recommendations.gauges.vector_index.live_collection", lambda: live)
    monkeypatch.setattr("recommendations.gauges.vector_index.count", lambda collection, fresh=True: 41)


def figures(client: Client) -> dict[str, float]:
    """Every sample by name and label values: `name` or `name/label`."""
    text = client.get("/metrics").content.decode()
    return {
        "/".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_engines_and_queues_are_told(client: Client) -> None:
    seen = figures(client)
    assert (seen["movierec_engine_up/database"], seen["movierec_engine_up/milvus"]) == (1, 1)
    assert (seen["movierec_queue_messages/sync"], seen["movierec_queue_messages/training"]) == (2, 1)


def test_an_engine_that_is_down_is_told_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("gone")

    monkeypatch.setitem(engines.PROBES, "database", fail)
    seen = figures(client)
    assert seen["movierec_engine_up/database"] == 0
    assert "movierec_engine_seconds/database" not in seen


def test_size_and_drift_of_the_index_are_told(client: Client) -> None:
    MovieFactory.create_batch(2)
    MovieFactory(withdrawn=True)
    MovieChange.objects.filter(movie_id=Movie.objects.first().pk).delete()
    seen = figures(client)
    assert (seen["movierec_index_rows"], seen["movierec_live_model_version"]) == (41, 3)
    assert seen["movierec_movies"] == 2
    assert seen["movierec_index_pending_changes"] == MovieChange.objects.pending().count()


def test_the_last_successful_training_is_told(client: Client) -> None:
    done = datetime(2024, 5, 1, tzinfo=UTC)
    TrainingRun.objects.create(state="done", seed=1, finished_at=done)
    TrainingRun.objects.create(state="failed", seed=1, finished_at=datetime(2024, 6, 1, tzinfo=UTC))
    seen = figures(client)
    assert seen["movierec_training_last_success_timestamp_seconds"] == done.timestamp()
    assert (seen["movierec_training_runs/done"], seen["movierec_training_runs/queued"]) == (1, 0)


def test_the_last_comparison_of_index_and_catalogue_is_told(client: Client) -> None:
    done = datetime(2024, 5, 1, tzinfo=UTC)
    findings = {"missing": {"count": 2, "movie_ids": [1, 2]}, "stale": {"count": 1, "movie_ids": [3]}}
    IndexJob.objects.create(kind="repair", state="done", finished_at=done, findings=findings)
    IndexJob.objects.create(kind="repair", state="failed", finished_at=done)
    IndexJob.objects.create(kind="rebuild", state="done", finished_at=done)
    seen = figures(client)
    assert seen["movierec_index_compared_timestamp_seconds"] == done.timestamp()
    assert seen["movierec_index_drifted_movies"] == 3


def test_the_latest_report_of_drift_is_told_without_what_is_unknown(client: Client) -> None:
    found = {"limit": 0.3, "sample": 200, "detail": {}}
    measures = {"rating_mean": found | {"value": 0.4}, "genre_mix": found | {"value": None}}
    report = DriftReport.objects.create(measures=measures)
    seen = figures(client)
    assert (seen["movierec_drift/rating_mean"], seen["movierec_drift_limit/rating_mean"]) == (0.4, 0.3)
    assert "movierec_drift/genre_mix" not in seen
    assert seen["movierec_drift_checked_timestamp_seconds"] == report.created_at.timestamp()


def test_a_running_experiment_is_told_with_its_share(client: Client) -> None:
    name = "movierec_experiment_share/2/1/ab"  # challenger, control, mode
    assert name not in figures(client)
    Experiment.objects.create(control=1, challenger=2, share=25, state="running")
    assert figures(client)[name] == 0.25


def test_the_people_of_each_arm_are_told_and_how_likely_their_numbers_are(client: Client) -> None:
    now = timezone.now()
    half = Experiment.objects.create(control=1, challenger=2, share=50, state="running", share_since=now)
    lists = [(user, "control") for user in UserFactory.create_batch(20)]
    moved = UserFactory()
    for user, arm in [*lists, lists[0], (moved, "control"), (moved, "challenger"), (None, "challenger")]:
        ServedList.objects.create(user=user, source="personal", experiment=half, arm=arm)
    seen = figures(client)
    assert seen["movierec_experiment_people/control"] == 20
    assert seen["movierec_experiment_people/challenger"] == 0
    ServedList.objects.all().delete()
    assert figures(client)["movierec_experiment_people/control"] == 20  # counted once a minute
    assert seen["movierec_experiment_sample_ratio_p_value"] == pytest.approx(2 * 0.5**20)


def test_without_people_there_is_no_ratio_of_arms(client: Client) -> None:
    now = timezone.now()
    Experiment.objects.create(control=1, challenger=2, share=50, state="running", share_since=now)
    seen = figures(client)
    assert seen["movierec_experiment_people/control"] == 0
    assert "movierec_experiment_sample_ratio_p_value" not in seen


def test_in_the_shadow_there_are_no_arms_to_compare(client: Client) -> None:
    now = timezone.now()
    Experiment.objects.create(
        control=1, challenger=2, share=50, state="running", mode="shadow", share_since=now
    )
    assert "movierec_experiment_people/control" not in figures(client)


def test_stages_and_sources_of_recommendations_are_counted(client: Client) -> None:
    metrics.count_list("popular")
    with metrics.time_stage("user_vector"):
        pass
    seen = figures(client)
    assert seen["movierec_recommendation_lists_total/popular"] >= 1
    assert seen["movierec_recommendation_stage_seconds_count/user_vector"] >= 1


def test_requests_are_counted_by_view(client: Client) -> None:
    client.get("/api/v1/genres/")
    assert any("api-genres" in name for name in figures(client))


def test_the_scrape_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: object
) -> None:
    MovieFactory.create_batch(10)
    # outbox, movies, comparison, runs by state, last success, drift, experiment
    with django_assert_num_queries(7):
        client.get("/metrics")


def test_a_new_worker_counts_on_where_one_that_is_gone_left_off(
    start_site: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    folder = tmp_path / "figures"
    folder.mkdir()
    site = start_site(WEB_CONCURRENCY="2", PROMETHEUS_MULTIPROC_DIR=str(folder))
    children = Path(f"/proc/{site._process.pid}/task/{site._process.pid}/children")
    for _ in range(2):
        for _ in range(10):
            httpx.get(f"{site.url}/healthz", timeout=60).raise_for_status()
        before = set(children.read_text().split())
        os.kill(site._process.pid, signal.SIGHUP)
        wait_until(
            lambda before=before: not before & set(children.read_text().split()), seconds=60, what="new"
        )
    told = httpx.get(f"{site.url}/metrics", timeout=60).text
    [line] = [line for line in told.splitlines() if "total_by_view" in line and 'view="healthz"' in line]
    assert float(line.split()[-1]) == 20
    assert len(list(folder.glob("counter_*.db"))) <= 4  # two workers, and two that take their places
