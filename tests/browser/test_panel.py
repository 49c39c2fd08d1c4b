"""An operator's way through the panel in Chromium."""

from unittest.mock import patch

import pytest

from catalog.models import Movie, User
from catalog.services import rate_movie
from recommendations.experiments.lifecycle import prepare
from recommendations.experiments.models import Experiment
from recommendations.live_model import live_model
from recommendations.models import (
    DriftReport,
    IndexJob,
    ListFeedback,
    ModelVersion,
    ServedList,
    TrainingPlan,
    TrainingRun,
)
from recommendations.serving import recommend
from recommendations.vector_index import VectorIndexUnavailable
from tests import world
from tests.browser.conftest import OpenPage, keep_screenshot, log_in
from tests.browser.test_quality import faults, look_at
from tests.factories import MovieFactory, RatingFactory, UserFactory


@pytest.fixture
def operator(transactional_db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_training_is_started_watched_and_stopped(operator: User, open_page: OpenPage, phone: bool) -> None:
    page = open_page(phone=phone)
    log_in(page, operator)
    page.goto("/admin/recommendations/trainingrun/add/")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("queued").first.wait_for()
    TrainingRun.objects.update(
        state="running", progress={"epoch": 2, "epochs": 5, "loss": 3.5, "step": 3, "steps": 9}
    )
    page.get_by_text("epoch 2 of 5").first.wait_for()  # the page asks by itself
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("stopped").first.wait_for()
    assert page.get_by_role("button", name="Resume").is_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_experiment_is_started_stopped_and_another_one_promoted(
    live_world: ModelVersion, operator: User, open_page: OpenPage, phone: bool
) -> None:
    world.register_version(2, other=True)
    page = open_page(phone=phone, dark=phone, complain=False)
    log_in(page, operator)
    for ending in ("Stop", "Promote the challenger"):
        page.goto("/admin/recommendations/experiment/add/")
        page.get_by_label("Challenger").select_option("2")
        page.get_by_label("Share in percent").fill("30")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("a worker builds and verifies").wait_for()
        prepare(Experiment.objects.latest("pk"))
        page.get_by_role("button", name="Change share").wait_for()  # the page asks by itself
        page.get_by_label("Share in percent").fill("50")
        page.get_by_role("button", name="Change share").click()
        page.get_by_text("figures are counted anew").wait_for()
        serve_both_arms(Experiment.objects.latest("pk"))
        page.reload()
        keep_screenshot(page, "phone-dark" if phone else "desktop")
        page.get_by_role("button", name=ending, exact=True).click()
        page.get_by_text(
            "control serves everybody" if ending == "Stop" else "The challenger is live"
        ).wait_for()
    states = Experiment.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["stopped", "promoted"]
    assert live_model().version == 2
    assert not [fault for fault in faults(page) if "too wide" in fault or "panel" in fault]


def serve_both_arms(experiment: Experiment) -> None:
    """Lists for people of the world, who then rate some of the movies."""
    for user in User.objects.filter(username__startswith="fan")[:24]:
        listed = recommend(user)
        first = Movie.objects.get(pk=listed.results[0].movie.id)
        if user.pk % 3:
            ListFeedback.objects.create(served_list_id=listed.list_id, movie_id=first.pk, kind="clicked")
        if user.pk % 2:
            rate_movie(user, first, stars=3.5 + user.pk % 4 / 2)


def test_the_dashboard_fits_and_says_what_is_away(operator: User, open_page: OpenPage) -> None:
    page = open_page(phone=True)
    log_in(page, operator)
    away = VectorIndexUnavailable("no route")
    with patch("recommendations.vector_index.live_collection", autospec=True, side_effect=away):
        page.goto("/admin/")
    page.get_by_text("Milvus is out of reach").wait_for()
    assert not [fault for fault in faults(page) if "too wide" in fault or "panel" in fault]


def test_a_version_is_looked_at_compared_and_promoted_against_the_gate_with_a_reason(
    live_world: ModelVersion, open_page: OpenPage
) -> None:
    version = world.register_poor_version(2)
    page = open_page()
    log_in(page, UserFactory(username="operator", is_staff=True, is_superuser=True))
    page.goto(f"/admin/recommendations/modelversion/{version.pk}/change/")
    page.get_by_text("It would refuse the version").wait_for()
    keep_screenshot(page, "desktop")
    page.get_by_role("link", name="Compare with the live one").click()
    page.get_by_label("Lists of user").fill("fan1")
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("What fan1 would see").wait_for()
    keep_screenshot(page, "desktop")
    page.get_by_role("link", name="version 2").first.click()
    overrule = page.get_by_role("button", name="Promote, overruling the gate")
    overrule.click()
    assert page.get_by_label("Why the gate is overruled").evaluate("field => field.validity.valueMissing")
    page.get_by_label("Why the gate is overruled").fill("A rehearsal.")
    overrule.click()
    page.get_by_text("version 2 is live.").wait_for()
    page.get_by_text("Overruled by operator: A rehearsal.").wait_for()
    page.get_by_role("button", name="Roll back").click()
    page.get_by_text("version 1 is live.").wait_for()


def test_the_pages_of_a_version_fit_a_phone_in_the_dark(
    live_world: ModelVersion, open_page: OpenPage
) -> None:
    version = world.register_poor_version(2)
    page = open_page(phone=True, dark=True, complain=False)  # axe itself injects styles on pages of forms
    log_in(page, UserFactory(username="operator", is_staff=True, is_superuser=True))
    for path in ("", f"{version.pk}/change/", f"{version.pk}/diff/?user=fan1"):
        page.goto(f"/admin/recommendations/modelversion/{path}")
        keep_screenshot(page, "phone-dark")
        assert not [fault for fault in faults(page) if "too wide" in fault or "panel" in fault]


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)], ids=["desktop", "phone"])
def test_the_pages_of_operators_are_accessible_and_fit(
    operator: User, open_page: OpenPage, phone: bool, dark: bool
) -> None:
    heat = RatingFactory(movie__title="Heat").movie
    MovieFactory(title="Heat!", genres=["Crime"])
    found = {"value": 0.4, "limit": 0.3, "sample": 200, "detail": {"now": 3.1}}
    for _ in range(2):
        DriftReport.objects.create(measures={"rating_mean": found}, alerts=["rating_mean"])
    findings = {"missing": {"count": 1, "movie_ids": [heat.pk]}}
    job = IndexJob.objects.create(kind="repair", state="done", findings=findings)
    trace = [{"score": 2.5, "predicted": 4.2, "because": [heat.pk]}]
    served = ServedList.objects.create(user=operator, source="personal", movie_ids=[heat.pk], trace=trace)
    TrainingPlan.objects.create(name="nightly", after_ratings=10)
    page = open_page(phone=phone, dark=dark, complain=False)  # axe tries inline styles, which are blocked
    log_in(page, operator)
    paths = [f"indexjob/{job.pk}/change/", f"servedlist/{served.pk}/change/", "trainingplan/", "driftreport/"]
    look = "phone-dark" if phone else "desktop-light"
    assert not look_at(page, [f"/admin/recommendations/{path}" for path in paths], look)
    page.goto("/admin/catalog/movie/duplicates/")
    page.get_by_role("button", name="See what a merge moves").click()
    assert not look_at(page, [page.url], look)
    page.get_by_role("button", name="Merge").click()
    page.get_by_text("1 movie merged into Heat").wait_for()
    page.goto("/admin/catalog/movie/")
    page.locator("input.action-select").first.check()
    page.get_by_label("Action:").select_option("edit_together")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Year").fill("1990")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("year: 1999 → 1990").wait_for()
    assert not faults(page)
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("1 movie changed.").wait_for()
