"""Figures of the recommender for Prometheus: counted while serving, or read when scraped."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from prometheus_client import Counter, Histogram

from recommendations.tracing import note_stage

STAGE_SECONDS = Histogram(
    "movierec_recommendation_stage_seconds",
    "Time of one stage of a recommendation.",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
LISTS = Counter(
    "movierec_recommendation_lists_total",
    "Lists served; the share of other sources than personal is the share of fallbacks.",
    ["source"],
)
FEEDBACK = Counter(
    "movierec_list_feedback_total",
    "What readers did with movies of served lists.",
    ["kind", "source"],
)


@contextmanager
def time_stage(stage: str) -> Iterator[None]:
    """Observe how long the block takes as one `stage` of a recommendation, such as "user_vector"."""
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - started
        _observed(stage).observe(seconds)
        note_stage(stage, seconds)


_observed = cache(STAGE_SECONDS.labels)


def count_list(source: str) -> None:
    """Count one served list by where it came from."""
    LISTS.labels(source).inc()


def count_feedback(kind: str, source: str) -> None:
    """Count one event on a list that came from `source`."""
    FEEDBACK.labels(kind, source).inc()
