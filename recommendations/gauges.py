"""Figures of the recommender for Prometheus that are read when it asks: index, outbox, trainings, drift.

What an engine that is down would have told is left out.
"""

import logging
from collections.abc import Iterator

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Max, Min
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily

from catalog.models import Movie, MovieChange
from recommendations import vector_index
from recommendations.experiments.models import Arm, Experiment
from recommendations.experiments.outcomes import people_in_arms
from recommendations.experiments.statistics import sample_ratio
from recommendations.index_jobs import found_movies
from recommendations.models import DriftReport, IndexJob, TrainingRun
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

logger = logging.getLogger(__name__)

PEOPLE_SECONDS = 60


def recommender_gauges() -> Iterator[GaugeMetricFamily]:
    try:
        yield from _outbox()
        yield from _comparison()
        yield from _trainings()
        yield from _drift()
        yield from _experiment()
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


def _comparison() -> Iterator[GaugeMetricFamily]:
    """Of index and catalogue, the last one that was completed."""
    kinds = [IndexJob.Kind.COMPARE, IndexJob.Kind.REPAIR]
    job = IndexJob.objects.filter(kind__in=kinds, state=IndexJob.State.DONE).first()
    if job is None or job.finished_at is None:
        return
    yield GaugeMetricFamily(
        "movierec_index_compared_timestamp_seconds",
        "When index and catalogue were last compared.",
        job.finished_at.timestamp(),
    )
    yield GaugeMetricFamily(
        "movierec_index_drifted_movies", "Movies in which they differed then.", found_movies(job)
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


def _drift() -> Iterator[GaugeMetricFamily]:
    """Of the latest report; what it had too little to tell by is left out."""
    report = DriftReport.objects.first()
    if report is None:
        return
    value = GaugeMetricFamily("movierec_drift", "Measures of drift.", labels=["measure"])
    limit = GaugeMetricFamily("movierec_drift_limit", "What is an alert above it.", labels=["measure"])
    for name, found in report.measures.items():
        if found["value"] is not None:
            value.add_metric([name], found["value"])
            limit.add_metric([name], found["limit"])
    yield from (value, limit)
    yield GaugeMetricFamily(
        "movierec_drift_checked_timestamp_seconds", "When drift was measured.", report.created_at.timestamp()
    )


def _experiment() -> Iterator[GaugeMetricFamily]:
    experiment = Experiment.objects.running().first()
    share = GaugeMetricFamily(
        "movierec_experiment_share",
        "Share of the challenger in the running experiment, from 0 to 1.",
        labels=["mode", "control", "challenger"],
    )
    if experiment is not None:
        names = [experiment.mode, str(experiment.control), str(experiment.challenger)]
        share.add_metric(names, experiment.share_of_one)
    yield share
    if experiment is not None and experiment.mode == Experiment.Mode.AB and experiment.share_since:
        yield from _arms(experiment)


def _arms(experiment: Experiment) -> Iterator[GaugeMetricFamily]:
    found = _people_in_arms(experiment)
    people = GaugeMetricFamily(
        "movierec_experiment_people", "People who were served lists, by arm.", labels=["arm"]
    )
    for arm, number in found.items():
        people.add_metric([arm], number)
    yield people
    ratio = sample_ratio(found[Arm.CONTROL.value], found[Arm.CHALLENGER.value], share=experiment.share_of_one)
    if ratio.p_value is not None:
        yield GaugeMetricFamily(
            "movierec_experiment_sample_ratio_p_value",
            "How likely arms at least as far from the share as these are, if nothing loses people of one.",
            ratio.p_value,
        )


def _people_in_arms(experiment: Experiment) -> dict[str, int]:
    """Up to PEOPLE_SECONDS old: it reads every list of the experiment."""
    since = experiment.share_since.timestamp() if experiment.share_since else 0
    key = f"people-in-arms:{experiment.pk}:{since}"
    found: dict[str, int] | None = cache.get(key)
    if found is None:
        found = people_in_arms(experiment)
        cache.set(key, found, PEOPLE_SECONDS)
    return found


def _index() -> Iterator[GaugeMetricFamily]:
    live = vector_index.live_collection()
    if live is None:
        return
    yield GaugeMetricFamily("movierec_live_model_version", "The model version being served.", live.version)
    rows = vector_index.count(live, fresh=False)
    yield GaugeMetricFamily("movierec_index_rows", "Movies in the live index.", rows)
