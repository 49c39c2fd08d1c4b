"""Tells the worker, once a transaction is committed, that the catalogue changed.

Only a nudge: the outbox holds the truth and the schedule drains it, so a lost message costs seconds.
"""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from catalog.models.movie import movies_changed

logger = logging.getLogger(__name__)

NUDGE_SECONDS = 30  # later than that the schedule has done it


@receiver(movies_changed)
def nudge_on_commit(**kwargs: Any) -> None:
    transaction.on_commit(nudge_worker)


def nudge_worker() -> None:
    from recommendations.tasks import sync_index

    try:
        sync_index.apply_async(expires=NUDGE_SECONDS)
    except OperationalError as error:
        logger.warning("broker unreachable, the index follows by schedule: %s", error)
