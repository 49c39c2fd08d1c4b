"""The pages of model versions with real models and no Milvus: figures, differences, protection."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from catalog.models import User
from recommendations.gate import check_gate
from recommendations.models import ModelVersion
from recommendations.vector_index import Collection, VectorIndexUnavailable
from recommendations.version_diff import version_diff
from tests import world
from tests.factories import MovieFactory, UserFactory

VERSIONS = "/admin/recommendations/modelversion/"


@pytest.fixture(autouse=True)
def away() -> Any:
    """Milvus does not answer."""
    target = "recommendations.vector_index.live_collection"
    with patch(target, autospec=True, side_effect=VectorIndexUnavailable("gone")) as away:
        yield away


@pytest.fixture
def versions(db: None, model_dir: Path) -> tuple[ModelVersion, ModelVersion]:
    """Version 1, and a version 2 that learned next to nothing, with all its figures."""
    world.store_world()
    return world.register_version(1), world.register_poor_version(2)


@pytest.fixture
def panel(versions: tuple[ModelVersion, ModelVersion]) -> Client:
    """Of an operator who came after the people of the world, whose keys are fixed."""
    client = Client()
    client.force_login(UserFactory(username="operator", is_staff=True, is_superuser=True))
    return client


def test_the_page_shows_gate_interval_figures_over_k_and_by_segment_and_curves(
    panel: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    answer = panel.get(f"{VERSIONS}{versions[1].pk}/change/")
    page, gate = answer.content.decode(), check_gate(versions[1], live=None)
    assert not gate.passed
    assert "It would refuse the version" in page
    live = gate.differences["live"]
    for text in (f"{live['low']:+.4f}", f"{live['high']:+.4f}", "the live version then", "@50", "@100"):
        assert text in page
    assert len(answer.context["over_k"]) == 2
    assert [len(part["rows"]) for part in answer.context["over_k"]] == [9, 9]
    value, low, high = answer.context["over_k"][0]["rows"][0]["cells"][0]
    assert low < value < high
    assert f"<small>{low:.3f}–{high:.3f}</small>" in page
    assert "In small print" in page
    assert {row["segment"] for row in answer.context["segments"]} == {"F", "M"}
    assert "Milvus is out of reach" in page
    assert answer.context["disk"] != "0\xa0bytes"


def test_a_version_of_before_without_these_figures_has_a_page_too(operator: Client, db: None) -> None:
    version = ModelVersion.objects.create(
        number=1, checksum="c", seed=1, config={}, metrics={}, data_snapshot={}
    )
    assert operator.get(f"{VERSIONS}{version.pk}/change/").status_code == 200
    assert "no metrics" in operator.get(f"{VERSIONS}{version.pk}/change/").content.decode()


def test_figures_over_k_without_intervals_are_shown_without_a_word_on_them(
    panel: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    version = versions[1]
    for row in version.metrics["quality"]["over_k"]:
        del row["lows"], row["highs"]
    version.save()
    page = panel.get(f"{VERSIONS}{version.pk}/change/").text
    assert "@100" in page
    assert "In small print" not in page
    assert "<small>" not in page


def test_two_versions_are_compared_without_milvus(versions: tuple[ModelVersion, ModelVersion]) -> None:
    diff = version_diff(*versions, user=User.objects.get(username="fan1"))
    assert diff.sample is not None
    assert diff.sample.users == 80
    assert 0 < diff.sample.overlap < 1
    assert sum(after for _before, after in diff.sample.genres.values()) == pytest.approx(1)
    assert diff.sample.risen[0].after > diff.sample.risen[0].before
    assert diff.sample.fallen[0].after < diff.sample.fallen[0].before
    rated = set(User.objects.get(username="fan1").ratings.values_list("movie_id", flat=True))
    for rows, others in (diff.lists, diff.lists[::-1]):
        assert len(rows) == 10
        assert not rated & {row.movie_id for row in rows}
        assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)
        for row in rows:
            if row.other_place is not None:
                assert others[row.other_place - 1].movie_id == row.movie_id


def test_a_version_beside_itself_does_not_differ(versions: tuple[ModelVersion, ModelVersion]) -> None:
    MovieFactory(title="Added after the training")
    sample = version_diff(versions[0], versions[0]).sample
    assert sample is not None
    assert (sample.overlap, sample.risen, sample.fallen) == (1, [], [])
    assert sample.coverage[0] == sample.coverage[1]


def test_the_comparison_has_a_page(panel: Client, versions: tuple[ModelVersion, ModelVersion]) -> None:
    url = f"{VERSIONS}{versions[1].pk}/diff/"
    page = panel.get(url, {"user": "fan1"}).content.decode()
    for text in ("overlap@10", "What fan1 would see", "In more lists", "In fewer lists", "version 1"):
        assert text in page
    assert "Nobody has this name." in panel.get(url, {"user": "nobody", "other": "99"}).content.decode()


def test_a_comparison_with_files_that_are_gone_is_told(
    panel: Client, versions: tuple[ModelVersion, ModelVersion]
) -> None:
    (versions[0].folder / "weights.npz").unlink()
    answer = panel.get(f"{VERSIONS}{versions[1].pk}/diff/", follow=True)
    assert "version 1" in str(next(iter(answer.context["messages"])))


def test_protecting_a_version_is_shown_recorded_and_taken_back(
    panel: Client, versions: tuple[ModelVersion, ModelVersion], away: Any
) -> None:
    away.side_effect, away.return_value = None, Collection("movies_v1", 1)
    version = versions[1]
    for button, holds in (("protect", True), ("unprotect", False)):
        panel.post(f"{VERSIONS}{version.pk}/{button}/")
        version.refresh_from_db()
        assert version.is_protected is holds
        states = {row.number: row for row in panel.get(VERSIONS).context["cl"].result_list}
        assert states[2].is_protected is holds
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "protected",
        "no longer protected",
    ]


def test_the_list_tells_disk_use_and_state(
    panel: Client, versions: tuple[ModelVersion, ModelVersion], away: Any
) -> None:
    away.side_effect, away.return_value = None, Collection("movies_v1", 1)
    ModelVersion.objects.filter(number=2).update(removed_at="2026-01-01T00:00Z")
    page = panel.get(VERSIONS).content.decode()
    for text in ("<strong>live</strong>", "removed", "KB", "879", "0\xa0minutes"):
        assert text in page
