"""What the Celery workers do for the catalogue: each task is one call of a service."""

import logging

from celery import shared_task

from catalog import idempotency, leaving

logger = logging.getLogger(__name__)


@shared_task(soft_time_limit=1800, time_limit=1860)
def purge_accounts() -> None:
    """Delete the accounts whose grace period is over."""
    if purged := leaving.purge_accounts():
        logger.info("%s accounts deleted for good", purged)


@shared_task(soft_time_limit=600, time_limit=660)
def forget_answers() -> None:
    """Forget the answers under idempotency keys that are older than a day."""
    idempotency.forget_expired_answers()
