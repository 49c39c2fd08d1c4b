"""Experiments by the operators' API; who gets in is tested in test_operators and test_ownership."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from rest_framework.test import APIClient

from recommendations.experiments.models import Experiment
from recommendations.models import ModelVersion
from recommendations.promotion import PromotionRefused
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
EXPERIMENTS = "/api/v1/experiments/"


@pytest.fixture(autouse=True)
def live() -> Iterator[Mock]:
    """Milvus says that version 1 is live."""
    with patch("recommendations.vector_index.live_collection", autospec=True) as live:
        live.return_value = Collection("movies_v1", 1)
        yield live


@pytest.fixture
def operator(client_of: Any) -> APIClient:
    return client_of(UserFactory(username="operator", is_staff=True, is_superuser=True))


@pytest.fixture
def challenger() -> ModelVersion:
    return ModelVersion.objects.create(
        number=2, checksum="c" * 64, seed=1, config={}, metrics={}, data_snapshot={}
    )


@pytest.fixture
def running(challenger: ModelVersion) -> Experiment:
    since = timezone.now() - timedelta(days=1)
    return Experiment.objects.create(
        control=1, challenger=2, share=10, state="running", started_at=since, share_since=since
    )


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_one_is_started_and_waits_for_a_worker(operator: APIClient, challenger: ModelVersion) -> None:
    answer = operator.post(EXPERIMENTS, {"challenger": 2, "share": 12.5})
    told = answer.json()
    assert (answer.status_code, told["state"], told["share"]) == (201, "preparing", 12.5)
    assert (told["control"], told["challenger"], told["started_by"]) == (1, 2, "operator")
    assert told["figures"] == {}
    assert LogEntry.objects.get().get_change_message() == "started over the API"
    assert code_of(operator.post(EXPERIMENTS, {"challenger": 2, "share": 50})) == (409, "refused")


@pytest.mark.parametrize(
    "body",
    [
        {"challenger": 9, "share": 10},
        {"challenger": 2, "share": 0},
        {"challenger": 2, "share": 100},
        {"challenger": 2, "share": 10, "mode": "c"},
        {"share": 10},
    ],
)
def test_what_cannot_be_started_is_refused(
    operator: APIClient, challenger: ModelVersion, body: dict[str, Any]
) -> None:
    assert operator.post(EXPERIMENTS, body).status_code == 400
    assert not Experiment.objects.exists()


def test_without_the_index_nothing_is_started(
    operator: APIClient, challenger: ModelVersion, live: Mock
) -> None:
    live.side_effect = VectorIndexUnavailable("gone")
    assert operator.post(EXPERIMENTS, {"challenger": 2, "share": 10}).status_code == 503


def test_one_is_told_with_its_figures_and_in_the_list(operator: APIClient, running: Experiment) -> None:
    told = operator.get(f"{EXPERIMENTS}{running.pk}/").json()
    assert told["figures"]["arms"]["challenger"]["people"] == 0
    assert told["your_arm"] in ("control", "challenger")
    listed = operator.get(EXPERIMENTS).json()["results"]
    assert [(row["id"], row["state"]) for row in listed] == [(running.pk, "running")]


def test_the_share_is_changed_while_it_runs(operator: APIClient, running: Experiment) -> None:
    told = operator.patch(f"{EXPERIMENTS}{running.pk}/", {"share": 50}).json()
    assert told["share"] == 50.0
    assert told["figures"]["sample_ratio"]["expected"] == 0.5
    assert code_of(operator.patch(f"{EXPERIMENTS}{running.pk}/", {"share": 100})) == (409, "refused")


def test_it_is_stopped_once_with_a_reason(operator: APIClient, running: Experiment) -> None:
    url = f"{EXPERIMENTS}{running.pk}/stop/"
    told = operator.post(url, {"reason": "worse"}).json()
    assert (told["state"], told["stopped_by"], told["reason"]) == ("stopped", "operator", "worse")
    assert code_of(operator.post(url)) == (409, "ended")


def test_the_gates_refusal_leaves_it_running(operator: APIClient, running: Experiment) -> None:
    url = f"{EXPERIMENTS}{running.pk}/promote/"
    assert code_of(operator.post(url)) == (409, "refused")
    assert code_of(operator.post(url, {"force": True})) == (400, "required")
    assert Experiment.objects.running().exists()


def test_the_challenger_is_promoted(operator: APIClient, running: Experiment) -> None:
    with patch("recommendations.promotion.promote", autospec=True) as promote:
        told = operator.post(
            f"{EXPERIMENTS}{running.pk}/promote/", {"force": True, "reason": "people like it"}
        ).json()
    assert (told["state"], told["reason"]) == ("promoted", "people like it")
    assert promote.call_args.kwargs == {
        "force": True,
        "overruled_by": "operator",
        "overrule_reason": "people like it",
        "ends": running,
    }


def test_another_promotion_is_refused_meanwhile(operator: APIClient, running: Experiment) -> None:
    answer = operator.post("/api/v1/model-versions/2/promote/", {"force": True, "reason": "now"})
    assert code_of(answer) == (409, "refused")
    assert PromotionRefused.__name__ not in answer.text
    assert "stop it" in answer.text
