"""Tells the worker, once a transaction is committed, that the catalogue changed or that people left.

Only a nudge: the outbox, or who is still there, holds the truth and the schedule acts on it, so a lost
message costs time alone.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from catalog.models import User
from catalog.models.movie import movies_changed
from movierec.broker import BrokerUnavailable
from recommendations.forgetting import note_deletion
from recommendations.work_orders import order

logger = logging.getLogger(__name__)

NUDGE_SECONDS = 30  # later than that the schedule has done it
PAUSE_AFTER_FAULT_SECONDS = 10.0  # a page waits for a broker that is away once, not for each movie

_silent_until = 0.0


@receiver(movies_changed)
def nudge_on_commit(**kwargs: Any) -> None:
    """No fault of it is the page's."""
    _once_on_commit(nudge_worker)


@receiver(post_delete, sender=User)
def forget_on_commit(instance: User, **kwargs: Any) -> None:
    note_deletion(instance)
    _once_on_commit(order_forgetting)


def _once_on_commit(hook: Callable[[], None]) -> None:
    """Once a transaction, however many rows it changed."""
    waiting = transaction.get_connection().run_on_commit
    if not any(known is hook for _savepoints, known, _robust in waiting):
        transaction.on_commit(hook, robust=True)


def nudge_worker() -> None:
    from recommendations.tasks import sync_index

    _order(sync_index, expires=NUDGE_SECONDS)


def order_forgetting() -> None:
    from recommendations.tasks import forget_deleted_people

    _order(forget_deleted_people)


def _order(task: Any, **options: Any) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        order(task, **options)
    except BrokerUnavailable as error:
        _silent_until = time.monotonic() + PAUSE_AFTER_FAULT_SECONDS
        logger.warning("broker unreachable, %s follows by schedule: %s", task.name, error)
