"""The recommender in the operator's panel."""

from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from movierec.broker import BrokerUnavailable
from recommendations.models import IndexJob, ModelVersion, ServedList, TrainingRun
from recommendations.promotion import PromotionRefused
from recommendations.tasks import run_training
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests.factories import MovieFactory, UserFactory

pytestmark = pytest.mark.django_db
VERSIONS = "/admin/recommendations/modelversion/"


def model_version(number: int) -> ModelVersion:
    return ModelVersion.objects.create(
        number=number,
        checksum="c" * 64,
        seed=1,
        config={"epochs": 3, "tower": {"width": 256}},
        metrics={
            "held_out": {"users": 10, "ndcg@10": 0.1234, "popularity_ndcg@10": 0.05, "live_version": 2},
            "log": [{"epoch": 1, "loss": 4.5}],
        },
        data_snapshot={"ratings": 100},
        gate={"passed": True, "reason": "better"},
    )


@pytest.fixture(autouse=True)
def live() -> Any:
    """Milvus says that version 2 is live."""
    collection = Collection("movies_v2", 2)
    with patch(
        "recommendations.admin.model_version.vector_index.live_collection",
        autospec=True,
        return_value=collection,
    ) as live:
        yield live


@pytest.fixture
def promote() -> Any:
    with patch("recommendations.admin.model_version.promotion.promote", autospec=True) as promote:
        yield promote


def act(client: Client, button: str, version: ModelVersion, **form: str) -> list[str]:
    answer = client.post(f"{VERSIONS}{version.pk}/{button}/", form, follow=True)
    return [str(message) for message in answer.context["messages"]]


def make_rows(number: int) -> None:
    for n in range(ModelVersion.objects.count() + 1, ModelVersion.objects.count() + 1 + number):
        version = model_version(n)
        TrainingRun.objects.create(
            seed=1, state="done", model_version=version, progress={"epoch": 1, "epochs": 3}
        )
        ServedList.objects.create(user=UserFactory(), source="popular", movie_ids=[MovieFactory().pk])


@pytest.mark.parametrize("model", ["modelversion", "trainingrun", "servedlist"])
def test_every_list_and_page_opens_and_nothing_can_be_edited(operator: Client, model: str) -> None:
    make_rows(1)
    url = f"/admin/recommendations/{model}/"
    row = operator.get(url).context["cl"].result_list[0]
    page = operator.get(f"{url}{row.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert operator.get(f"{url}add/").status_code == (200 if model == "trainingrun" else 403)
    assert operator.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", ["modelversion", "trainingrun", "servedlist"])
def test_a_longer_list_takes_no_more_queries(operator: Client, model: str) -> None:
    make_rows(1)
    numbers = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            operator.get(f"/admin/recommendations/{model}/")
        numbers.append(len(queries))
        make_rows(8)
    assert numbers[0] == numbers[1] <= 7


def test_the_live_version_is_marked(operator: Client) -> None:
    model_version(1), model_version(2)
    rows = operator.get(VERSIONS).context["cl"].result_list
    assert {row.number: row.is_live for row in rows} == {1: False, 2: True}


def test_the_list_opens_while_milvus_is_away(operator: Client, live: Mock) -> None:
    live.side_effect = VectorIndexUnavailable("gone")
    model_version(2)
    assert operator.get(VERSIONS).context["cl"].result_list[0].is_live is None


def test_metrics_and_configuration_are_shown_as_tables(operator: Client) -> None:
    page = operator.get(f"{VERSIONS}{model_version(1).pk}/change/").content.decode()
    assert "0.1234" in page
    assert "<th>tower / width</th><td>256</td>" in page
    assert "<th>epoch</th><th>loss</th></tr><tr><td>1</td><td>4.5000</td>" in page


def test_promoting_makes_the_version_live_and_is_remembered(operator: Client, promote: Mock) -> None:
    version = model_version(1)
    assert act(operator, "promote", version) == ["version 1 is live."]
    promote.assert_called_once_with(version)
    assert LogEntry.objects.get().user.username == "operator"


def test_the_gates_refusal_is_told(operator: Client, promote: Mock) -> None:
    promote.side_effect = PromotionRefused("it does not beat popularity")
    assert act(operator, "promote", model_version(1)) == ["it does not beat popularity"]
    assert not LogEntry.objects.exists()


def test_an_operator_may_overrule_the_gate_with_a_reason_that_is_recorded(
    operator: Client, promote: Mock
) -> None:
    version = model_version(1)
    assert act(operator, "overrule", version, reason="  ") == ["Say why the gate is overruled."]
    promote.assert_not_called()
    act(operator, "overrule", version, reason="The test users\nwere too few.")
    reason = "The test users were too few."
    assert promote.call_args.kwargs == {"force": True, "overruled_by": "operator", "overrule_reason": reason}
    assert LogEntry.objects.get().change_message == f"made live, overruling the gate: {reason}"


def test_rolling_back_says_what_is_live_then(operator: Client) -> None:
    version = model_version(1)
    with patch(
        "recommendations.admin.model_version.promotion.roll_back", autospec=True, return_value=version
    ) as roll_back:
        assert act(operator, "roll-back", model_version(2)) == ["version 1 is live."]
    roll_back.assert_called_once_with(leaving=2)


@pytest.fixture
def order() -> Any:
    with patch("recommendations.admin.base.order", autospec=True) as order:
        yield order


def test_an_index_is_rebuilt_by_a_worker_one_at_a_time(operator: Client) -> None:
    version = model_version(3)
    assert act(operator, "rebuild-index", version)[0].startswith("A worker builds the index: rebuild")
    job = IndexJob.objects.get()
    assert (job.kind, job.model_version, job.started_by) == ("rebuild", 3, "operator")
    assert "comes first" in act(operator, "rebuild-index", version)[0]
    assert LogEntry.objects.get().change_message == f"its index is built anew by {job}"


def test_a_training_is_queued_with_the_configuration_of_the_version(operator: Client, order: Mock) -> None:
    version = model_version(1)
    ModelVersion.objects.update(config={"epochs": 3})
    message = act(operator, "train-anew", version)
    run = TrainingRun.objects.get()
    assert (message, run.config, run.promote) == ([f"{run} is queued."], {"epochs": 3}, True)
    order.assert_called_once_with(run_training, run.pk)


def test_a_training_goes_on_from_the_weights_of_a_chosen_version(operator: Client, order: Mock) -> None:
    version = model_version(1)
    message = act(operator, "train-on", version)
    run = TrainingRun.objects.get()
    assert (run.warm_start, run.base_version, run.promote) == (True, 1, True)
    assert message == [f"{run} is queued."]
    order.assert_called_once_with(run_training, run.pk)
    assert LogEntry.objects.get().change_message == f"a training from it: {run}"


def test_a_second_training_is_told_to_wait(operator: Client, order: Mock) -> None:
    version = model_version(1)
    ModelVersion.objects.update(config={"epochs": 3})
    act(operator, "train-anew", version)
    assert "comes first" in act(operator, "train-anew", version)[0]
    assert TrainingRun.objects.count() == 1


def test_a_broker_that_is_away_is_told_and_a_training_waits(operator: Client, order: Mock) -> None:
    order.side_effect = BrokerUnavailable("gone")
    version = model_version(1)
    ModelVersion.objects.update(config={"epochs": 3})
    assert "gone" in act(operator, "train-anew", version)[0]
    assert TrainingRun.objects.filter(state="queued").count() == 1


def test_who_may_only_look_cannot_promote(promote: Mock) -> None:
    version, viewer = model_version(1), UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    client = Client()
    client.force_login(viewer)
    for button in ("promote", "overrule", "roll-back", "protect", "rebuild-index", "train-anew", "train-on"):
        assert client.post(f"{VERSIONS}{version.pk}/{button}/", {"reason": "x"}).status_code == 403
    promote.assert_not_called()
    assert b"panel-actions" not in client.get(f"{VERSIONS}{version.pk}/change/").content


def test_a_served_list_shows_its_movies_in_order(operator: Client) -> None:
    movies = [MovieFactory(title="Second"), MovieFactory(title="First")]
    served = ServedList.objects.create(source="personal", movie_ids=[movies[1].pk, movies[0].pk])
    page = operator.get(f"/admin/recommendations/servedlist/{served.pk}/change/").content.decode()
    assert page.index("First") < page.index("Second")


def test_a_failed_run_says_why(operator: Client) -> None:
    TrainingRun.objects.create(seed=1, state="failed", error="too few ratings\nlong story")
    assert "too few ratings" in operator.get("/admin/recommendations/trainingrun/").content.decode()
