"""Figures of the recommender for Prometheus that are read when it asks: index, outbox, trainings.

What an engine that is down would have told is left out.
"""

import logging
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Max, Min
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily

from catalog.models import Movie, MovieChange
from recommendations import vector_index
from recommendations.models import TrainingRun
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

logger = logging.getLogger(__name__)


def recommender_gauges() -> Iterator[GaugeMetricFamily]:
    try:
        yield from _outbox()
        yield from _trainings()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("no figures from the database: %s", error)
    try:
        yield from _index()
    except (VectorIndexUnavailable, VectorIndexInvalid) as error:
        logger.warning("no figures from the index: %s", error)


def _outbox() -> Iterator[GaugeMetricFamily]:
    pending = MovieChange.objects.pending().aggregate(number=Count("pk"), oldest=Min("created_at"))
    age = (timezone.now() - pending["oldest"]).total_seconds() if pending["oldest"] else 0.0
    yield GaugeMetricFamily(
        "movierec_index_pending_changes", "Changes of movies not yet in the index.", pending["number"]
    )
    yield GaugeMetricFamily(
        "movierec_index_lag_seconds", "Age of the oldest change that is not yet in the index.", age
    )
    yield GaugeMetricFamily(
        "movierec_movies", "Movies that the index should hold.", Movie.objects.visible().count()
    )


def _trainings() -> Iterator[GaugeMetricFamily]:
    runs = GaugeMetricFamily("movierec_training_runs", "Training runs by state.", labels=["state"])
    numbers = dict(TrainingRun.objects.order_by().values_list("state").annotate(Count("pk")))
    for state in TrainingRun.State.values:
        runs.add_metric([state], numbers.get(state, 0))
    yield runs
    done = TrainingRun.objects.filter(state=TrainingRun.State.DONE)
    if finished := done.aggregate(last=Max("finished_at"))["last"]:
        yield GaugeMetricFamily(
            "movierec_training_last_success_timestamp_seconds",
            "When a training last succeeded.",
            finished.timestamp(),
        )


def _index() -> Iterator[GaugeMetricFamily]:
    live = vector_index.live_collection()
    if live is None:
        return
    yield GaugeMetricFamily("movierec_live_model_version", "The model version being served.", live.version)
    rows = vector_index.count(live, fresh=False)
    yield GaugeMetricFamily("movierec_index_rows", "Movies in the live index.", rows)
