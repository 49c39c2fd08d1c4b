"""Served lists are forgotten after their time, in batches and without being loaded."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations import outdated_lists
from recommendations.experiments.models import ShadowComparison
from recommendations.models import ListFeedback, ServedList
from recommendations.outdated_lists import forget_outdated_lists

pytestmark = pytest.mark.django_db


def served(*, days_ago: int) -> ServedList:
    """A list with feedback and the comparison of an experiment."""
    made = ServedList.objects.create(source="personal", movie_ids=[1], trace=[{"score": 1.0}])
    ServedList.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    made.feedback.create(movie_id=1, kind="clicked")
    ShadowComparison.objects.create(served_list=made)
    return made


def test_outdated_lists_go_batch_by_batch_with_what_refers_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outdated_lists, "BATCH", 2)
    for _ in range(5):
        served(days_ago=91)
    kept = served(days_ago=89)
    assert forget_outdated_lists() == 5
    assert ServedList.objects.get() == kept
    assert ListFeedback.objects.get().served_list == kept
    assert ShadowComparison.objects.get().served_list == kept


def test_no_list_is_loaded_to_be_forgotten() -> None:
    for _ in range(3):
        served(days_ago=91)
    with CaptureQueriesContext(connection) as queries:
        assert forget_outdated_lists() == 3
    assert not [query["sql"] for query in queries if "trace" in query["sql"]]
    assert sum(query["sql"].startswith("DELETE") for query in queries) == 3  # one a table, not one a list


def test_with_nothing_outdated_nothing_is_deleted() -> None:
    served(days_ago=1)
    assert forget_outdated_lists() == 0
    assert ServedList.objects.count() == 1
