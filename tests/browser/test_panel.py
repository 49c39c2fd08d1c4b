"""An operator's way through the panel in Chromium."""

from unittest.mock import patch

import pytest

from catalog.models import User
from recommendations.models import TrainingRun
from recommendations.vector_index import VectorIndexUnavailable
from tests.browser.conftest import OpenPage, log_in
from tests.browser.test_quality import faults
from tests.factories import UserFactory


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


def test_the_dashboard_fits_and_says_what_is_away(operator: User, open_page: OpenPage) -> None:
    page = open_page(phone=True)
    log_in(page, operator)
    away = VectorIndexUnavailable("no route")
    with patch("recommendations.vector_index.live_collection", autospec=True, side_effect=away):
        page.goto("/admin/")
    page.get_by_text("Milvus is out of reach").wait_for()
    assert not [fault for fault in faults(page) if "too wide" in fault or "panel" in fault]
