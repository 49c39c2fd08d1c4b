"""Targets and tables of the benchmarks of speed, from made-up figures."""

from typing import Any

import numpy as np

from bench.report import filled
from bench.serving import targets
from bench.speed_tables import precompute
from bench.training import operations
from recommendations.two_tower.config import TwoTowerConfig
from tests.two_tower.synthetic import fans

ASKED = {"p50_ms": 4.0, "p95_ms": 5.0, "p99_ms": 10.0, "a_second": 100.0, "worker_cpu_ms": 1.0}
VALUES = {
    "engines": "embedded",
    "workers": 1,
    "many": 16,
    "load": 0.1,
    "clients": {
        "1": {"search": ASKED, "API": ASKED | {"p50_ms": 8.0, "p99_ms": 51.0}},
        "16": {"search": ASKED, "API": ASKED | {"a_second": 49.0}},
    },
    "user_vector": {"cpu_ms": 1.0, "median_history": 90, "history": 200, "cpu_ms_of_history": 3.0},
    "rating": {"p50_ms": 8.0, "p95_ms": 50.0, "p99_ms": 60.0},
    "pages": {"browse": ASKED | {"p50_ms": 20.1}},
    "memory": {"started_mib": 120.0, "before_mib": 200.0, "after_mib": 204.0, "requests": 2000},
    "start_seconds": 3.5,
    "fallbacks": 0,
}


def test_targets_are_met_at_their_limit_and_missed_beyond() -> None:
    verdicts = [target["verdict"] for target in targets(VALUES)]
    assert verdicts == ["met", "MISSED", "MISSED", "met", "met", "met", "MISSED", "met", "met", "MISSED"]


def test_a_target_that_could_not_be_measured_is_not_met() -> None:
    short = VALUES["user_vector"] | {"cpu_ms_of_history": None}
    assert list(targets(VALUES | {"user_vector": short}))[4]["verdict"] == "MISSED"


def page_of(benchmark: str, values: dict[str, Any]) -> str:
    document = {
        "benchmark": benchmark,
        "data": "tiny",
        "seed": 0,
        "command": f"python -m bench.{benchmark} tiny",
        "machine": {"cpu": "abacus", "cores": 1},
        "revision": "abc",
        "values": values,
    }
    return filled(f"<!-- bench: {benchmark} tiny -->\n<!-- end -->\n", [document])


def test_the_tables_show_what_was_asked_and_the_targets() -> None:
    page = page_of("serving", VALUES | {"targets": list(targets(VALUES))})
    assert "| 16 | API | 4.0 | 5.0 | 10.0 | 49.0 | 1.0 |" in page
    assert "| p99, times the bare search, at most 5 | 5.1 | MISSED |" in page


def test_imports_and_the_index_are_told_in_rows_a_second() -> None:
    step = {"rows": 3_000, "seconds": 1.5, "cpu_seconds": 1.0}
    assert "| SQLite 3 | raw | 3,000 | 1.5 | 1.0 | 2,000 |" in page_of(
        "imports", {"engine": "SQLite 3", "steps": {"raw": step}}
    )
    assert "| embedded | insert | 500 | 0.5 | 1,000 |" in page_of(
        "index", {"engines": "embedded", "movies": 500, "seconds": {"insert": 0.5}}
    )


def test_training_is_told_beside_its_bound() -> None:
    values = {
        "log": [],
        "epochs": [{"seconds": 3.0}, {"seconds": 5.0}],
        "ratings_per_second": 10.0,
        "ratings_per_cpu_second": 5.0,
        "peak_gib": 1.0,
        "matrix_gflops": 400.0,
        "machine_gflops_per_second": 200.0,
    }
    assert "400 GFLOP, would take 2 s at the 200 GFLOPS of one large product; an epoch took 4 s." in page_of(
        "training", values
    )


def test_operations_of_a_training_grow_with_ratings_and_with_movies() -> None:
    data, config = fans(40), TwoTowerConfig()
    few, many = operations(data, config, steps=10), operations(fans(80), config, steps=10)
    assert 1.5 < many / few <= 2
    n, movies = len(data), len(np.unique(data.movie_ids))
    softmax = 6 * n * (config.state_dimension + 1) * movies
    assert few > softmax + 6 * n * config.layers * 4 * config.width**2


def test_lists_ahead_are_told_by_the_second_and_by_cpu() -> None:
    values = {"engines": "embedded", "users": 600, "seconds": 10.0, "cpu_seconds": 6.0, "peak_mib": 150}
    assert "| embedded | 600 | 10 | 60 | 10.0 | 150 |" in precompute([{"values": values}])
