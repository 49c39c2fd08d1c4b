"""The dashboard, and training runs as an operator starts, watches, stops and resumes them."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from movierec import engines
from movierec.broker import BrokerUnavailable
from recommendations.models import DriftReport, IndexJob, ListFeedback, ServedList, TrainingPlan, TrainingRun
from recommendations.panel import traffic
from recommendations.panel.charts import bar_chart, line_chart
from recommendations.panel.dashboard import dashboard
from recommendations.panel.traffic import clicked_share, fallback_share, lists_per_day, rated_share
from recommendations.plans import is_due, start_due_plans
from recommendations.tasks import check_drift, run_training
from recommendations.vector_index import VectorIndexUnavailable
from tests.factories import MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
RUNS = "/admin/recommendations/trainingrun/"


@pytest.fixture(autouse=True)
def milvus() -> Any:
    """Milvus has no live version and every engine answers."""
    with (
        patch("recommendations.vector_index.live_collection", autospec=True, return_value=None) as live,
        patch.object(engines, "PROBES", {"broker": lambda: {"sync": 3}}),
    ):
        yield live


@pytest.fixture
def order() -> Any:
    with patch("recommendations.admin.base.order", autospec=True) as order:
        yield order


def parts(client: Client) -> dict[str, Any]:
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return {str(part.title): part for part in answer.context["dashboard"]}


def test_the_dashboard_shows_queues_runs_and_ratings(operator: Client) -> None:
    TrainingRun.objects.create(seed=1, state="failed")
    RatingFactory(rated_at=timezone.now())
    shown = parts(operator)
    assert "3" in [line.value for line in shown["Engines and queues"].lines]
    assert shown["Latest trainings"].lines[0].is_bad
    assert shown["Ratings"].lines[0].value == "1"
    assert "<svg" in shown["Ratings"].chart


def test_ratings_of_a_day_are_counted_whatever_gaps_their_keys_have(monkeypatch: pytest.MonkeyPatch) -> None:
    for pk in (1, 1_000, 1_000_000):
        RatingFactory(pk=pk, rated_at=timezone.now())
    monkeypatch.setattr(traffic, "RATINGS_LOOKED_AT", 2)
    assert traffic.ratings_per_day(7)[-1][1] == {"": 2}


def test_the_dashboard_says_what_is_away(operator: Client, milvus: Mock) -> None:
    milvus.side_effect = VectorIndexUnavailable("gone")
    shown = parts(operator)
    assert "gone" in shown["Live model"].fault
    assert shown["Index"].lines[0].is_bad


def test_who_may_not_see_models_gets_no_dashboard(db: None) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    assert "dashboard" not in client.get("/admin/").context


def test_fallbacks_and_rated_lists_are_shares_of_the_lists_of_members() -> None:
    user, movie = UserFactory(), MovieFactory()
    for source in ("personal", "personal", "personal", "popular"):
        ServedList.objects.create(user=user, source=source, movie_ids=[movie.pk])
    ServedList.objects.create(user=None, source="popular", movie_ids=[movie.pk])
    assert fallback_share(lists_per_day(7)) == 1 / 4
    assert rated_share(7) == (0.0, 4)
    ListFeedback.objects.create(
        served_list=ServedList.objects.filter(source="personal")[0], movie_id=movie.pk, kind="clicked"
    )
    assert clicked_share(7) == 1 / 4
    RatingFactory(user=user, movie=movie, rated_at=timezone.now())
    assert rated_share(7) == (1.0, 4)


def test_a_chart_escapes_names_and_needs_no_style() -> None:
    chart = bar_chart("Lists", [("<b>", {"a": 2.0, "b": 1.0})]) + line_chart("Loss", {"": [(0, 5), (9, 1)]})
    assert "<b>" not in chart
    assert "style=" not in chart
    assert line_chart("Loss", {"": [(0, 5)]}) == ""


@pytest.mark.django_db(transaction=True)
def test_a_training_is_started_with_a_configuration(operator: Client, order: Mock) -> None:
    order.side_effect = lambda *_order: told_within.append(connection.in_atomic_block)
    told_within: list[bool] = []
    answer = operator.post(f"{RUNS}add/", {"config": '{"epochs": 3}', "promote": "on"})
    run = TrainingRun.objects.get()
    assert answer["Location"] == f"{RUNS}{run.pk}/change/"
    assert (run.config, run.promote, run.started_by) == ({"epochs": 3}, True, "operator")
    order.assert_called_once_with(run_training, run.pk)
    assert told_within == [False]  # the worker finds the run
    assert "The training is queued." in operator.get(answer["Location"]).text
    assert LogEntry.objects.get().object_id == str(run.pk)


@pytest.mark.django_db(transaction=True)
def test_a_training_that_no_worker_hears_of_now_is_stored_and_that_is_told(
    operator: Client, order: Mock
) -> None:
    order.side_effect = BrokerUnavailable("gone")
    answer = operator.post(f"{RUNS}add/", {"config": "{}"}, follow=True)
    assert "No worker can be reached now: gone" in answer.text
    assert TrainingRun.objects.get().state == "queued"


@pytest.mark.parametrize("config", ['{"epoch": 3}', "[1]", "{"])
def test_a_configuration_that_cannot_be_is_refused(operator: Client, order: Mock, config: str) -> None:
    answer = operator.post(f"{RUNS}add/", {"config": config})
    assert answer.context["adminform"].form.errors["config"]
    assert not TrainingRun.objects.exists()


def test_a_second_training_is_not_started(operator: Client, order: Mock) -> None:
    TrainingRun.objects.create(seed=1)
    answer = operator.post(f"{RUNS}add/", {"config": "{}"})
    assert "comes first" in answer.content.decode()
    order.assert_not_called()


def test_a_running_training_is_shown_live_and_asks_again(operator: Client) -> None:
    run = TrainingRun.objects.create(
        seed=1,
        state="running",
        progress={"epoch": 2, "epochs": 5, "step": 30, "steps": 90, "loss": 3.5, "eta_seconds": 61.2},
        curve=[[10, 5.0, None], [20, 4.0, 0.1], [30, 3.5, 0.2]],
        log="2024-01-01 10:00:00 100 ratings are read\n",
    )
    page = operator.get(f"{RUNS}{run.pk}/live/").content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "epoch 2 of 5" in page
    assert "0:01:01 left" in page
    assert page.count("<svg") == 2
    assert "100 ratings are read" in page
    TrainingRun.objects.update(state="done")
    assert "hx-get" not in operator.get(f"{RUNS}{run.pk}/live/").content.decode()


def test_a_training_is_stopped_and_resumed_from_its_page(operator: Client, order: Mock) -> None:
    run = TrainingRun.objects.create(seed=1)
    assert "/stop/" in operator.get(f"{RUNS}{run.pk}/change/").content.decode()
    operator.post(f"{RUNS}{run.pk}/stop/")
    run.refresh_from_db()
    assert run.state == "stopped"
    operator.post(f"{RUNS}{run.pk}/resume/")
    run.refresh_from_db()
    assert run.state == "queued"
    order.assert_called_once_with(run_training, run.pk)
    assert [str(entry.change_message) for entry in LogEntry.objects.order_by("pk")] == ["stopped", "resumed"]


def test_only_who_may_change_runs_stops_one(operator: Client) -> None:
    run, client = TrainingRun.objects.create(seed=1), Client()
    client.force_login(UserFactory(is_staff=True))
    assert client.post(f"{RUNS}{run.pk}/stop/").status_code == 403
    assert operator.get(f"{RUNS}{run.pk}/stop/").status_code == 405


def plan(**changes: Any) -> TrainingPlan:
    made = TrainingPlan.objects.create(name="nightly", **changes)
    TrainingPlan.objects.update(created_at=datetime(2024, 5, 1, 12, tzinfo=UTC))
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (datetime(2024, 5, 1, 23, tzinfo=UTC), None, False),
        (datetime(2024, 5, 2, 4, tzinfo=UTC), None, True),
        (datetime(2024, 5, 3, 4, tzinfo=UTC), datetime(2024, 5, 2, 3, tzinfo=UTC), False),
        (datetime(2024, 5, 4, 4, tzinfo=UTC), datetime(2024, 5, 2, 3, tzinfo=UTC), True),
    ],
)
def test_a_plan_is_due_at_its_time_every_other_day(now: datetime, last: datetime | None, due: bool) -> None:
    made = plan(at=time(3), every_days=2)
    made.last_started_at = last
    assert is_due(made, now=now, ratings=0) is due


@pytest.mark.parametrize(
    ("at", "last", "now", "due"),
    [
        (time(23, 30), datetime(2024, 5, 3, 0, 10), datetime(2024, 5, 3, 23, 29), False),
        (time(23, 30), datetime(2024, 5, 3, 0, 10), datetime(2024, 5, 3, 23, 31), True),
        (time(23, 59, 30), datetime(2024, 5, 3, 0, 0, 20), datetime(2024, 5, 4, 0, 0, 20), True),
        (time(3), datetime(2024, 5, 3, 2), datetime(2024, 5, 3, 3), False),  # by ratings, an hour before
        (time(3), datetime(2024, 5, 3, 2), datetime(2024, 5, 4, 3), True),
    ],
)
def test_a_daily_plan_keeps_its_time_whenever_it_started(
    at: time, last: datetime, now: datetime, due: bool
) -> None:
    made = plan(at=at)
    made.last_started_at = last.replace(tzinfo=UTC)
    assert is_due(made, now=now.replace(tzinfo=UTC), ratings=0) is due


def test_a_plan_of_keys_that_this_release_does_not_know_keeps_no_other_from_starting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name, config in (("of before", {"nonsense": 2}), ("nightly", {})):
        TrainingPlan.objects.create(name=name, after_ratings=1, config=config)
    RatingFactory()
    [run] = start_due_plans()
    assert run.started_by == "plan nightly"
    assert "training plan of before cannot start: unknown configuration keys: nonsense" in caplog.text


def test_a_plan_starts_one_training_once_enough_new_ratings_came() -> None:
    made = plan(after_ratings=2)
    RatingFactory()
    assert start_due_plans() == []
    RatingFactory()
    [run] = start_due_plans()
    assert (run.started_by, run.promote) == ("plan nightly", True)
    assert start_due_plans() == []  # one at a time
    made.refresh_from_db()
    assert made.last_started_at is not None


def test_a_training_that_failed_is_not_started_every_minute_by_the_same_ratings() -> None:
    made = plan(after_ratings=1)
    RatingFactory()
    [run] = start_due_plans()
    run.delete()
    assert start_due_plans() == []
    TrainingPlan.objects.update(last_started_at=timezone.now() - timedelta(hours=2))
    assert start_due_plans()
    assert not is_due(made, now=timezone.now(), ratings=0)


def test_a_plan_needs_a_time_or_a_number(operator: Client) -> None:
    answer = operator.post(
        "/admin/recommendations/trainingplan/add/", {"name": "x", "every_days": 1, "config": "{}"}
    )
    assert "Name a time of day" in answer.content.decode()


def test_a_served_list_names_its_reasons(operator: Client) -> None:
    liked = RatingFactory(movie__title="Alien", stars=4.5)
    movie = MovieFactory(title="Aliens")
    served = ServedList.objects.create(
        user=liked.user,
        source="personal",
        movie_ids=[movie.pk],
        trace=[{"score": 2.5, "predicted": 4.2, "because": [liked.movie_id]}],
    )
    page = operator.get(f"/admin/recommendations/servedlist/{served.pk}/change/").content.decode()
    assert "Alien (1999)" in page
    assert "(4.5★)" in page
    assert "4.2" in page


def test_the_audit_log_can_be_read_but_not_changed(operator: Client) -> None:
    run = TrainingRun.objects.create(seed=1)
    operator.post(f"{RUNS}{run.pk}/stop/")
    entry = LogEntry.objects.get()
    page = operator.get("/admin/admin/logentry/").text
    assert "stopped" in page
    assert "Catalog | movie" not in page  # to filter by: kinds that have entries
    assert operator.post(f"/admin/admin/logentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_index_page_shows_the_state_and_orders_a_comparison(operator: Client) -> None:
    jobs = "/admin/recommendations/indexjob/"
    with patch("recommendations.index_state.vector_index.collections", autospec=True, return_value=[]):
        MovieFactory()
        assert "holds 0 of 1 movies" in operator.get(jobs).content.decode()
    answer = operator.post(f"{jobs}order/compare/")
    job = IndexJob.objects.get()
    assert (answer["Location"], job.started_by) == (f"{jobs}{job.pk}/change/", "operator")
    assert 'hx-trigger="every 2s"' in operator.get(answer["Location"]).content.decode()
    operator.post(f"{jobs}{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == "stopped"


def test_the_index_page_opens_while_milvus_is_away(operator: Client, milvus: Mock) -> None:
    milvus.side_effect = VectorIndexUnavailable("gone")
    assert "gone" in operator.get("/admin/recommendations/indexjob/").content.decode()


def test_a_rebuild_without_any_version_is_refused(operator: Client) -> None:
    answer = operator.post("/admin/recommendations/indexjob/order/rebuild/", follow=True)
    assert "no model version" in answer.content.decode()
    assert not IndexJob.objects.exists()


def test_the_dashboard_says_in_german_how_long_ago_drift_was_measured(operator: Client) -> None:
    drift_report(created_at=timezone.now() - timedelta(days=2, minutes=1))
    with override("de"):
        measured = {line.name: line.value for part in dashboard() for line in part.lines}["gemessen"]
    assert measured.replace("\xa0", " ") == "2 Tage her"


def drift_report(value: float | None = 0.4, **changes: Any) -> DriftReport:
    found = {"value": value, "limit": 0.3, "sample": 200, "detail": {"now": 3.1}}
    return DriftReport.objects.create(measures={"rating_mean": found}, **changes)


def test_drift_is_shown_with_its_history_and_on_the_dashboard(operator: Client) -> None:
    drift_report(0.1, created_at=timezone.now() - timedelta(hours=1))
    drift_report(0.4, alerts=["rating_mean"])
    answer = operator.get("/admin/recommendations/driftreport/")
    assert [(row.value, row.is_beyond) for row in answer.context["rows"]] == [("0.4", True)]
    assert "<svg" in answer.context["rows"][0].chart
    shown = parts(operator)["Drift"].lines
    assert (shown[0].is_bad, shown[0].value) == (True, "0.4, limit 0.3")


def test_drift_within_its_limits_is_no_alert_on_the_dashboard(operator: Client) -> None:
    report = drift_report(None)
    assert not any(line.is_bad for line in parts(operator)["Drift"].lines)
    page = operator.get(f"/admin/recommendations/driftreport/{report.pk}/change/").content.decode()
    assert "too little to tell" in page


def test_drift_is_measured_at_once_by_a_worker(operator: Client, order: Mock) -> None:
    assert operator.get("/admin/recommendations/driftreport/check/").status_code == 405
    operator.post("/admin/recommendations/driftreport/check/")
    order.assert_called_once_with(check_drift)
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    assert client.post("/admin/recommendations/driftreport/check/").status_code == 403


def test_the_page_of_a_comparison_names_the_movies_that_differ(operator: Client) -> None:
    movie = MovieFactory(title="Heat")
    findings = {
        "missing": {"count": 1, "movie_ids": [movie.pk]},
        "surplus": {"count": 300, "movie_ids": [999_999]},
        "stale": {"count": 0, "movie_ids": []},
    }
    job = IndexJob.objects.create(kind="compare", state="done", findings=findings)
    page = operator.get(f"/admin/recommendations/indexjob/{job.pk}/change/").text
    assert "in the catalogue only: 1" in " ".join(page.split())
    assert f'<a href="/admin/catalog/movie/{movie.pk}/change/">Heat (1999)</a>' in page
    assert "movie 999999, which is gone" in page
    assert "The first 1 are shown." in page


def test_from_a_persons_page_one_gets_to_their_lists_and_the_reasons(operator: Client) -> None:
    user = UserFactory(username="ada")
    served = ServedList.objects.create(user=user, source="popular", movie_ids=[])
    ServedList.objects.create(user=UserFactory(), source="popular", movie_ids=[])
    link = "/admin/recommendations/servedlist/?q=ada"
    assert f'href="{link}"' in operator.get(f"/admin/catalog/user/{user.pk}/change/").text
    assert list(operator.get(link).context["cl"].result_list) == [served]
