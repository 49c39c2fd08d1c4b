"""The worker is told of changes at once, and no page waits for a broker that is away."""

import time
from collections.abc import Iterator
from unittest.mock import Mock, patch

import pytest
from celery import current_app
from django.db import transaction

from catalog.models import Movie
from recommendations import signals
from recommendations.signals import nudge_worker
from recommendations.tasks import sync_index
from tests.factories import GenreFactory


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    monkeypatch.setattr(signals, "_silent_until", 0.0)
    with patch.object(sync_index, "apply_async", autospec=True) as apply_async:
        yield apply_async


@pytest.mark.django_db(transaction=True)
def test_a_transaction_nudges_once_however_much_it_changed(sent: Mock) -> None:
    with transaction.atomic():
        for title in ("One", "Two"):
            Movie.objects.create(title=title).genres.add(GenreFactory())
    sent.assert_called_once()


def test_a_broker_that_refuses_holds_a_page_once_and_shortly(
    sent: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", "amqp://127.0.0.1:1//")
    start = time.monotonic()
    for _change in range(3):
        nudge_worker()
    assert time.monotonic() - start < 1
    sent.assert_not_called()
