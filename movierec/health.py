"""What watches the installation asks: is the process alive, can it serve, what are its figures."""

import os
from collections.abc import Iterator

import prometheus_client
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from movierec.engines import EngineState, engine_states
from movierec.faults import RETRY_SECONDS
from recommendations.gauges import recommender_gauges

NEEDED = frozenset({"database"})  # pages fall back without the others; docs/adr/0011-readiness.md


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; no engine is asked."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Each engine's state; 503 with Retry-After when one is down without which no page can be served."""
    states = engine_states()
    down = {name for name, state in states.items() if not state.up}
    ready = not down & NEEDED
    live = states["milvus"].answer
    degraded = bool(down) or live is None
    body = {
        "status": ("degraded" if degraded else "ready") if ready else "unavailable",
        "live_model": live,
        "engines": {name: _described(name, state) for name, state in states.items()},
    }
    if ready:
        return JsonResponse(body)
    return JsonResponse(body, status=503, headers={"Retry-After": str(RETRY_SECONDS)})


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: of this process, or of all that share a folder, and of the installation."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    else:
        counted = prometheus_client.REGISTRY
    read = CollectorRegistry()
    read.register(Installation())
    figures = generate_latest(counted) + generate_latest(read)
    return HttpResponse(figures, content_type=prometheus_client.CONTENT_TYPE_LATEST)


class Installation(Collector):
    """What is true of the installation as a whole, read anew at every scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        states = engine_states()
        up = GaugeMetricFamily("movierec_engine_up", "Whether the engine answers.", labels=["engine"])
        seconds = GaugeMetricFamily("movierec_engine_seconds", "Time to its answer.", labels=["engine"])
        queues = GaugeMetricFamily("movierec_queue_messages", "Messages that wait.", labels=["queue"])
        for name, state in states.items():
            up.add_metric([name], state.up)
            if state.up:
                seconds.add_metric([name], state.seconds)
        for queue, depth in (states["broker"].answer or {}).items():
            queues.add_metric([queue], depth)
        yield from (up, seconds, queues)
        yield from recommender_gauges()


def _described(name: str, state: EngineState) -> dict[str, object]:
    return {
        "state": "up" if state.up else "down",
        "needed": name in NEEDED,
        "latency_ms": round(1000 * state.seconds, 1) if state.up else None,
    }
