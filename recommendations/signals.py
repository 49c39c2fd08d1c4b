"""Tells the worker, once a transaction is committed, that the catalogue changed.

Only a nudge: the outbox holds the truth and the schedule drains it, so a lost message costs seconds.
"""

import logging
import time
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from catalog.models.movie import movies_changed
from movierec.broker import BrokerUnavailable
from recommendations.work_orders import order

logger = logging.getLogger(__name__)

NUDGE_SECONDS = 30  # later than that the schedule has done it
PAUSE_AFTER_FAULT_SECONDS = 10.0  # a page waits for a broker that is away once, not for each movie

_silent_until = 0.0


@receiver(movies_changed)
def nudge_on_commit(**kwargs: Any) -> None:
    """Once a transaction, however many movies it changed; no fault of it is the page's."""
    waiting = transaction.get_connection().run_on_commit
    if not any(hook is nudge_worker for _savepoints, hook, _robust in waiting):
        transaction.on_commit(nudge_worker, robust=True)


def nudge_worker() -> None:
    global _silent_until
    from recommendations.tasks import sync_index

    if time.monotonic() < _silent_until:
        return
    try:
        order(sync_index, expires=NUDGE_SECONDS)
    except BrokerUnavailable as error:
        _silent_until = time.monotonic() + PAUSE_AFTER_FAULT_SECONDS
        logger.warning("broker unreachable, the index follows by schedule: %s", error)
