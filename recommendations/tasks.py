"""What the Celery workers do: each task is one call of a service."""

import logging

from celery import shared_task

from recommendations.index_sync import repair_drift, sync_changes
from recommendations.leases import LeaseTaken
from recommendations.live_model import NoActiveModel
from recommendations.vector_index import VectorIndexUnavailable

logger = logging.getLogger(__name__)

PASSING = (LeaseTaken, NoActiveModel, VectorIndexUnavailable)  # the next scheduled run tries again


@shared_task(soft_time_limit=120, time_limit=150)
def sync_index() -> None:
    """Pass pending changes of movies on to Milvus."""
    try:
        sync_changes()
    except PASSING as error:
        logger.info("changes of movies stay pending: %s", error)


@shared_task(soft_time_limit=1800, time_limit=1860)
def reconcile_index() -> None:
    """Compare the catalogue with Milvus and mend what differs."""
    try:
        drift = repair_drift()
    except PASSING as error:
        logger.info("the index is compared later: %s", error)
    else:
        if drift:
            logger.warning("mended the index: movies %s", drift.movie_ids[:20])
