"""Operators' endpoints: model versions, jobs, the index, and why somebody sees what they see."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import Mark, Movie, User
from movierec.broker import BrokerUnavailable
from recommendations import promotion
from recommendations.index_jobs import start_index_job
from recommendations.models import IndexJob, ModelVersion, ServedList, TrainingRun
from recommendations.promotion import PromotionRefused
from recommendations.retention import reasons_to_keep
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests.factories import MarkFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/"
ENDPOINTS = [
    ("get", "experiments/"),
    ("post", "experiments/"),
    ("get", "experiments/1/"),
    ("patch", "experiments/1/"),
    ("post", "experiments/1/stop/"),
    ("post", "experiments/1/promote/"),
    ("get", "index/"),
    ("post", "index/jobs/"),
    ("get", "jobs/"),
    ("get", "jobs/training-1/"),
    ("delete", "jobs/training-1/"),
    ("get", "model-versions/"),
    ("get", "model-versions/1/"),
    ("patch", "model-versions/1/"),
    ("post", "model-versions/1/promote/"),
    ("post", "model-versions/rollback/"),
    ("post", "trainings/"),
]


@pytest.fixture(autouse=True)
def live() -> Iterator[Mock]:
    """Milvus says that version 2 is live."""
    with patch("recommendations.vector_index.live_collection", autospec=True) as live:
        live.return_value = Collection("movies_v2", 2)
        yield live


@pytest.fixture
def client_with(client_of: Callable[..., APIClient]) -> Callable[..., APIClient]:
    """`client_with("view_user")`: a member of staff with these permissions only."""

    def make(*permissions: str, is_staff: bool = True) -> APIClient:
        user = UserFactory(is_staff=is_staff)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        return client_of(user)

    return make


@pytest.fixture
def operator(client_with: Callable[..., APIClient]) -> APIClient:
    return client_with("view_modelversion", "change_modelversion", "view_user")


def version(number: int, **fields: Any) -> ModelVersion:
    held_out = {"ndcg@10": 0.2, "popularity_ndcg@10": 0.1}
    figures = {"metrics": {"held_out": held_out, "log": [{"epoch": 1, "loss": 4.5}]}, "config": {"epochs": 3}}
    return ModelVersion.objects.create(
        number=number, checksum="c" * 64, seed=1, data_snapshot={"ratings": 9}, **(figures | fields)
    )


def history() -> list[str]:
    """What the audit log tells, in order."""
    return list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))


def code_of(answer: Any) -> str:
    return answer.json()["errors"][0]["code"]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_only_operators_get_in(
    method: str, path: str, anonymous: APIClient, client: APIClient, client_with: Callable[..., APIClient]
) -> None:
    not_staff = client_with("view_modelversion", "change_modelversion", is_staff=False)
    answers = [getattr(who, method)(API + path) for who in (anonymous, client, not_staff, client_with())]
    assert [answer.status_code for answer in answers] == [401, 403, 403, 403]
    assert not TrainingRun.objects.exists()
    assert not IndexJob.objects.exists()


@pytest.mark.parametrize(("method", "path"), [entry for entry in ENDPOINTS if entry[0] != "get"])
def test_who_may_only_view_changes_nothing(
    method: str, path: str, client_with: Callable[..., APIClient]
) -> None:
    viewer = client_with("view_modelversion")
    assert getattr(viewer, method)(API + path).status_code == 403
    assert viewer.get(f"{API}model-versions/").status_code == 200


def test_versions_are_listed_newest_first_with_the_live_one_marked(operator: APIClient) -> None:
    version(1), version(2), version(3)
    listed = operator.get(f"{API}model-versions/").json()["results"]
    assert [(row["number"], row["live"]) for row in listed] == [(3, False), (2, True), (1, False)]
    assert listed[0]["held_out"]["ndcg@10"] == 0.2


def test_one_version_shows_metrics_configuration_and_data(operator: APIClient) -> None:
    version(1)
    told = operator.get(f"{API}model-versions/1/").json()
    assert told["metrics"]["log"] == [{"epoch": 1, "loss": 4.5}]
    assert (told["config"], told["data_snapshot"]) == ({"epochs": 3}, {"ratings": 9})


def test_which_version_is_live_is_unknown_while_milvus_is_away(operator: APIClient, live: Mock) -> None:
    live.side_effect = VectorIndexUnavailable("gone")
    version(1)
    assert operator.get(f"{API}model-versions/").json()["results"][0]["live"] is None


def test_a_version_is_protected_and_no_longer_and_both_are_in_its_history(operator: APIClient) -> None:
    stored = version(1)
    for wanted in (True, True, False):
        answer = operator.patch(f"{API}model-versions/1/", {"is_protected": wanted})
        stored.refresh_from_db()
        assert (answer.status_code, answer.json()["is_protected"], stored.is_protected) == (
            200,
            wanted,
            wanted,
        )
    assert history() == ["protected over the API", "no longer protected over the API"]


def test_a_protected_version_is_kept(operator: APIClient) -> None:
    for number in range(1, 12):
        version(number)
    assert 1 not in reasons_to_keep()
    operator.patch(f"{API}model-versions/1/", {"is_protected": True})
    assert reasons_to_keep()[1] == ["protected"]


@pytest.mark.parametrize("body", [{}, {"is_protected": "true"}, {"is_protected": None}, {"number": 7}, []])
def test_what_protects_nothing_is_refused(operator: APIClient, body: Any) -> None:
    version(1)
    assert operator.patch(f"{API}model-versions/1/", body).status_code == 400
    assert operator.patch(f"{API}model-versions/2/", {"is_protected": True}).status_code == 404
    assert not LogEntry.objects.exists()


def test_the_gates_refusal_is_a_conflict(operator: APIClient) -> None:
    version(1, metrics={})
    answer = operator.post(f"{API}model-versions/1/promote/", {})
    assert (answer.status_code, code_of(answer)) == (409, "refused")
    assert "no metrics" in answer.json()["errors"][0]["detail"]


def test_overruling_the_gate_takes_a_reason_which_is_recorded(operator: APIClient) -> None:
    version(1, metrics={})
    url = f"{API}model-versions/1/promote/"
    assert operator.post(url, {"force": True, "reason": " "}).status_code == 400
    with (
        patch.object(promotion, "_existing_collection", autospec=True, return_value=Collection("c", 1)),
        patch.object(promotion, "_move_alias", autospec=True),
        patch.object(promotion, "_drop_outdated", autospec=True),
    ):
        answer = operator.post(url, {"force": True, "reason": "Too few test users."})
    assert answer.status_code == 200
    assert answer.json()["gate"]["overrule_reason"] == "Too few test users."
    assert answer.json()["gate"]["overruled_by"] == User.objects.get(is_staff=True).username
    assert "Too few test users." in LogEntry.objects.get().change_message


def test_rolling_back_names_the_version_that_is_live_then(operator: APIClient) -> None:
    earlier = version(1)
    with patch.object(promotion, "roll_back", autospec=True, return_value=earlier):
        assert operator.post(f"{API}model-versions/rollback/").json()["number"] == 1


def test_there_may_be_nothing_to_go_back_to(operator: APIClient) -> None:
    with patch.object(promotion, "roll_back", autospec=True, side_effect=PromotionRefused("none")):
        assert operator.post(f"{API}model-versions/rollback/").status_code == 409


def test_a_training_is_accepted_and_can_be_followed_and_cancelled(operator: APIClient) -> None:
    answer = operator.post(f"{API}trainings/", {"config": {"epochs": 2}, "seed": 7, "promote": True})
    run = TrainingRun.objects.get()
    assert (answer.status_code, run.config, run.seed, run.promote) == (202, {"epochs": 2}, 7, True)
    assert answer["Location"] == f"{API}jobs/training-{run.pk}/"
    TrainingRun.objects.update(progress={"step": 30, "steps": 40, "epoch": 1})
    followed = operator.get(answer["Location"]).json()
    assert (followed["state"], followed["progress"], followed["detail"]["epoch"]) == ("queued", 0.75, 1)
    assert operator.delete(answer["Location"]).json()["state"] == "stopped"
    assert history() == ["started over the API", "cancelled over the API"]
    again = operator.delete(answer["Location"])
    assert (again.status_code, code_of(again)) == (409, "ended")


def test_a_second_training_is_told_to_wait(operator: APIClient) -> None:
    operator.post(f"{API}trainings/", {})
    answer = operator.post(f"{API}trainings/", {})
    assert (answer.status_code, code_of(answer)) == (409, "busy")


def test_a_training_waits_for_a_broker_that_is_away(
    operator: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    gone = BrokerUnavailable("gone")
    with (
        patch("recommendations.api.operators.jobs.order", autospec=True, side_effect=gone),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert operator.post(f"{API}trainings/", {}).status_code == 202
    assert TrainingRun.objects.get().state == "queued"


@pytest.mark.parametrize(
    "body",
    [
        {"config": {"nonsense": 1}},
        {"config": {"epochs": "many"}},
        {"config": {"epochs": 10**400}},
        {"config": {"epochs": True}},
        {"config": {"heads": 0}},
        {"config": []},
        {"config": "x"},
        {"seed": -1},
        {"seed": 2**63},
        {"promote": "perhaps"},
        [],
    ],
)
def test_a_training_that_makes_no_sense_is_refused(operator: APIClient, body: Any) -> None:
    assert operator.post(f"{API}trainings/", body).status_code == 400
    assert not TrainingRun.objects.exists()


def test_work_on_the_index_is_accepted_and_its_findings_are_told(operator: APIClient) -> None:
    answer = operator.post(f"{API}index/jobs/", {"kind": "compare"})
    job = IndexJob.objects.get()
    assert (answer.status_code, answer.json()["id"], job.kind) == (202, f"index-{job.pk}", "compare")
    assert history() == ["started over the API"]
    findings = {"missing": {"count": 1, "movie_ids": [5]}}
    IndexJob.objects.update(state="done", findings=findings)
    followed = operator.get(answer["Location"]).json()
    assert (followed["state"], followed["progress"], followed["result"]["missing"]["movie_ids"]) == (
        "done",
        1.0,
        [5],
    )


def test_a_rebuild_takes_the_live_version_unless_it_names_one(operator: APIClient) -> None:
    version(1), version(2)
    for body, number in (({}, 2), ({"model_version": 1}, 1)):
        operator.post(f"{API}index/jobs/", {"kind": "rebuild"} | body)
        assert IndexJob.objects.latest("pk").model_version == number
        IndexJob.objects.update(state="done")


@pytest.mark.parametrize(
    "body", [{}, {"kind": "x"}, {"kind": "rebuild", "model_version": 9}, {"kind": "rebuild"}]
)
def test_work_on_the_index_that_makes_no_sense_is_refused(operator: APIClient, body: Any) -> None:
    assert operator.post(f"{API}index/jobs/", body).status_code == 400
    assert not IndexJob.objects.exists()


def test_the_latest_jobs_of_all_kinds_are_listed(operator: APIClient) -> None:
    operator.post(f"{API}trainings/", {})
    start_index_job("repair")
    listed = operator.get(f"{API}jobs/").json()["results"]
    assert [job["kind"] for job in listed] == ["repair", "training"]


def test_the_same_queries_however_many_jobs(operator: APIClient) -> None:
    counts = []
    for number in (1, 2, 3):
        TrainingRun.objects.create(seed=1, config={}, state="done", model_version=version(number))
        with CaptureQueriesContext(connection) as queries:
            listed = operator.get(f"{API}jobs/").json()["results"]
        counts.append(len(queries))
    assert {job["result"]["model_version"] for job in listed} == {1, 2, 3}
    assert counts[1] == counts[2]


@pytest.mark.parametrize("key", ["training-9", "index-9", "x-1", "training", "index-", "index-" + "9" * 40])
def test_a_job_that_is_not_there_is_not_found(operator: APIClient, key: str) -> None:
    assert operator.get(f"{API}jobs/{key}/").status_code == 404


def test_the_state_of_the_index_is_told_in_numbers(operator: APIClient) -> None:
    MovieFactory(), MovieFactory(withdrawn=True)
    with (
        patch("recommendations.vector_index.count", autospec=True, return_value=5),
        patch("recommendations.vector_index.collections", autospec=True, return_value=[]),
    ):
        told = operator.get(f"{API}index/").json()
    assert (told["model_version"], told["rows"], told["movies"]) == (2, 5, 1)
    assert told["pending_changes"] == 2
    assert told["lag_seconds"] >= 0


def test_an_index_that_is_away_is_503_with_retry_after(operator: APIClient, live: Mock) -> None:
    live.side_effect = VectorIndexUnavailable("gone")
    answer = operator.get(f"{API}index/")
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0


def test_the_list_of_a_user_is_for_who_may_view_users(
    client: APIClient, anonymous: APIClient, client_with: Callable[..., APIClient]
) -> None:
    url = f"{API}users/{UserFactory().pk}/recommendations/"
    others = (anonymous, client, client_with("change_modelversion"), client_with("view_user", is_staff=False))
    assert [who.get(url).status_code for who in others] == [401, 403, 403, 403]


def test_looking_at_a_users_list_leaves_no_served_list(operator: APIClient) -> None:
    movie = MovieFactory()
    told = operator.get(f"{API}users/{UserFactory().pk}/recommendations/").json()
    assert [row["movie"]["id"] for row in told["results"]] == [movie.pk]
    assert "trace" not in told
    assert not ServedList.objects.exists()
    assert operator.get(f"{API}users/999999/recommendations/").status_code == 404


def test_a_fallback_is_traced_with_its_notice_and_no_candidates(operator: APIClient, live: Mock) -> None:
    live.side_effect = VectorIndexUnavailable("gone")
    rating = RatingFactory()
    url = f"{API}users/{rating.user_id}/recommendations/"
    told = operator.get(url, {"trace": "true", "limit": 3}).json()
    assert (told["source"], told["trace"]["candidates"]) == ("popular", [])
    assert told["notice"]
    assert told["trace"]["request"]["limit"] == 3


def test_marks_are_told_from_ratings_in_the_trace() -> None:
    from recommendations.list_traces import _reasons_left_out
    from recommendations.serving import ListRequest

    user, excluded = UserFactory(), MovieFactory()
    rated, hidden = RatingFactory(user=user).movie, MarkFactory(user=user, kind=Mark.Kind.HIDDEN).movie
    ids = list(Movie.objects.values_list("pk", flat=True))
    assert _reasons_left_out(user, ListRequest(exclude=(excluded.pk,)), ids) == {
        excluded.pk: "excluded",
        rated.pk: "rated",
        hidden.pk: "hidden",
    }
