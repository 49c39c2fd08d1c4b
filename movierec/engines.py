"""The engines behind the site, asked all at once whether they answer, and how soon."""

import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections

from movierec.broker import queue_depths
from recommendations import vector_index

logger = logging.getLogger(__name__)

PROBE_SECONDS = 2.0
DATABASE_OPTIONS: dict[str, dict[str, Any]] = {
    "sqlite": {"timeout": 1},
    "mysql": {"connect_timeout": 1, "read_timeout": 1, "write_timeout": 1},
}


class EngineDown(Exception):
    """An engine answers, but not with what it was asked for."""


@dataclass(frozen=True)
class EngineState:
    up: bool
    seconds: float  # until it answered, or until it was given up
    answer: Any = None  # of the probe, if the engine is up


def probe_database() -> None:
    """Read a row over a connection of its own: short time-outs, and no part in the request's transaction."""
    connection = connections[DEFAULT_DB_ALIAS].copy()
    connection.settings_dict["OPTIONS"] |= DATABASE_OPTIONS[connection.vendor]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
            cursor.fetchone()
    finally:
        connection.close()


def probe_milvus() -> int | None:
    """The model version that the alias names, None before the first promotion."""
    live = vector_index.live_collection()
    return live.version if live else None


def probe_cache() -> None:
    value = secrets.token_hex(4)
    cache.set("probe", value, timeout=60)
    if cache.get("probe") is None:
        raise EngineDown("the cache keeps nothing")


PROBES: dict[str, Callable[[], Any]] = {
    "database": probe_database,
    "milvus": probe_milvus,
    "broker": queue_depths,
    "cache": probe_cache,
}


def engine_states() -> dict[str, EngineState]:
    """The state of every engine, within PROBE_SECONDS whatever they do."""
    threads = ThreadPoolExecutor(len(PROBES), thread_name_prefix="probe")
    started = {name: threads.submit(_timed, probe) for name, probe in PROBES.items()}
    wait(started.values(), timeout=PROBE_SECONDS)
    threads.shutdown(wait=False, cancel_futures=True)
    return {name: _state(name, future) for name, future in started.items()}


def _timed(probe: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = probe()
    return time.perf_counter() - start, answer


def _state(name: str, probe: Future[tuple[float, Any]]) -> EngineState:
    if not probe.done():
        logger.warning("%s: no answer within %s seconds", name, PROBE_SECONDS)
        return EngineState(up=False, seconds=PROBE_SECONDS)
    if error := probe.exception():
        logger.warning("%s: %s: %s", name, type(error).__name__, error)
        return EngineState(up=False, seconds=0.0)
    seconds, answer = probe.result()
    return EngineState(up=True, seconds=seconds, answer=answer)
