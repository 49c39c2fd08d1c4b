"""Experiments in the panel."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from catalog.models import User
from recommendations.experiments.assignment import arm_of
from recommendations.experiments.models import Experiment, ShadowComparison
from recommendations.models import ModelVersion, ServedList
from recommendations.panel.intervals import interval_chart
from recommendations.vector_index import Collection, VectorIndexUnavailable
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
EXPERIMENTS = "/admin/recommendations/experiment/"


@pytest.fixture(autouse=True)
def live() -> Iterator[Mock]:
    with patch("recommendations.vector_index.live_collection", autospec=True) as live:
        live.return_value = Collection("movies_v1", 1)
        yield live


@pytest.fixture(autouse=True)
def challenger() -> ModelVersion:
    return ModelVersion.objects.create(
        number=2, checksum="c" * 64, seed=1, config={}, metrics={}, data_snapshot={}
    )


def running(**fields: Any) -> Experiment:
    since = timezone.now() - timedelta(days=1)
    row = {"control": 1, "challenger": 2, "share": 10, "state": "running", "started_at": since}
    return Experiment.objects.create(**row | {"share_since": since} | fields)


def page_of(client: Client, experiment: Experiment) -> str:
    return client.get(f"{EXPERIMENTS}{experiment.pk}/change/").text


def test_the_list_names_the_mode_without_explaining_it(operator: Client) -> None:
    running()
    assert '<td class="field-mode_name">A/B</td>' in operator.get(EXPERIMENTS).text


def message(client: Client, experiment: Experiment, button: str, **body: str) -> str:
    answer = client.post(f"{EXPERIMENTS}{experiment.pk}/{button}/", body, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def test_one_is_started_by_a_form(operator: Client) -> None:
    answer = operator.post(f"{EXPERIMENTS}add/", {"challenger": 2, "mode": "ab", "share": "5"}, follow=True)
    started = Experiment.objects.get()
    assert (started.control, started.challenger, started.started_by) == (1, 2, "operator")
    assert "hx-get" in answer.text  # the page asks until it is prepared
    live = operator.get(f"{EXPERIMENTS}{started.pk}/live/")
    assert "HX-Refresh" not in live
    Experiment.objects.update(state="running")
    assert operator.get(f"{EXPERIMENTS}{started.pk}/live/")["HX-Refresh"] == "true"


def test_an_impossible_share_is_told_in_the_form(operator: Client) -> None:
    answer = operator.post(f"{EXPERIMENTS}add/", {"challenger": 2, "mode": "ab", "share": "100"})
    assert answer.context["adminform"].form.errors["share"]


def test_a_second_one_and_an_index_that_is_away_are_told(operator: Client, live: Mock) -> None:
    running()
    body = {"challenger": 2, "mode": "ab", "share": "5"}
    assert "comes first" in operator.post(f"{EXPERIMENTS}add/", body, follow=True).text
    live.side_effect = VectorIndexUnavailable("no route")
    assert "No route" in operator.post(f"{EXPERIMENTS}add/", body, follow=True).text
    assert Experiment.objects.count() == 1


def test_its_page_compares_the_arms_and_warns_of_missing_people(operator: Client) -> None:
    experiment = running(share=50)
    for user in UserFactory.create_batch(20):
        ServedList.objects.create(
            user=user, experiment=experiment, arm="control", model_version=1, source="personal", movie_ids=[1]
        )
    page = page_of(operator, experiment)
    assert "Sample ratio mismatch" in page
    assert "Fewer than a hundred people" in page
    assert page.count("<figure") == 4  # clicks, ratings, hides; lists by day; nobody gave stars
    assert "<div></div>" not in page
    own = arm_of(experiment.pk, User.objects.get(username="operator").pk, share=0.5)
    assert f"of 10,000: {own.label}" in page


def test_the_page_of_a_shadow_shows_overlap_and_times(operator: Client) -> None:
    experiment = running(mode="shadow", share=100)
    served = ServedList.objects.create(
        user=UserFactory(), experiment=experiment, arm="shadow", source="personal", movie_ids=[1]
    )
    ShadowComparison.objects.create(
        served_list=served, overlap=0.4, control_ms=5.25, challenger_ms=7.75, challenger_size=10
    )
    page = page_of(operator, experiment)
    assert "1 of 1 lists compared" in page
    assert "7.75" in page
    assert "40.0\u00a0%" in page


def test_share_and_end_are_an_operators(operator: Client) -> None:
    experiment = running()
    assert "counted anew" in message(operator, experiment, "change-share", share="25")
    assert "is a number" in message(operator, experiment, "change-share", share="much")
    assert "not 100" in message(operator, experiment, "change-share", share="100")
    assert "not NaN" in message(operator, experiment, "change-share", share="NaN")
    assert "is a number" in message(operator, experiment, "change-share", share="Infinity")
    assert "Say why" in message(operator, experiment, "promote", force="on")
    assert "no metrics" in message(operator, experiment, "promote")
    assert "control serves everybody" in message(operator, experiment, "stop", reason="worse")
    experiment.refresh_from_db()
    assert (experiment.share, experiment.state, experiment.reason) == (25, "stopped", "worse")
    assert "has ended" in message(operator, experiment, "stop")
    assert "Change share" not in page_of(operator, experiment)


def test_the_challenger_is_promoted_with_the_reason_recorded(operator: Client) -> None:
    experiment = running()
    with patch("recommendations.promotion.promote", autospec=True) as promote:
        assert "is live" in message(operator, experiment, "promote", reason="more ratings")
    assert promote.call_args.kwargs["overrule_reason"] == "more ratings"
    experiment.refresh_from_db()
    assert (experiment.state, experiment.stopped_by) == ("promoted", "operator")


def test_who_may_only_view_versions_looks_and_changes_nothing() -> None:
    viewer, experiment = Client(), running()
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_modelversion"))
    viewer.force_login(user)
    assert "Promote the challenger" not in page_of(viewer, experiment)
    assert viewer.get(f"{EXPERIMENTS}add/").status_code == 403
    for button in ("change-share", "stop", "promote"):
        assert viewer.post(f"{EXPERIMENTS}{experiment.pk}/{button}/", {"share": "20"}).status_code == 403
    experiment.refresh_from_db()
    assert (experiment.state, experiment.share) == ("running", 10)


def test_an_interval_chart_needs_an_estimate_and_escapes_names() -> None:
    found = {"value": 0.5, "low": 0.25, "high": 0.75}
    chart = interval_chart("Rate", [("<b>", found), ("empty", dict.fromkeys(found))], percent=True)
    assert "<b>" not in chart
    assert "style=" not in chart
    assert "25.0\u00a0% … 75.0\u00a0%" in chart
    assert interval_chart("Rate", [("none", dict.fromkeys(found))]) == ""
