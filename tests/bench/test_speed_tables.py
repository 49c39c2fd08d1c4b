"""Targets and tables of the benchmarks of speed, from made-up figures."""

from bench.report import filled
from bench.serving import targets

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


def test_the_tables_show_what_was_asked_and_the_targets() -> None:
    document = {
        "benchmark": "serving",
        "data": "tiny",
        "seed": 0,
        "command": "python -m bench.serving tiny",
        "machine": {"cpu": "abacus", "cores": 1},
        "revision": "abc",
        "values": VALUES | {"targets": list(targets(VALUES))},
    }
    page = filled("<!-- bench: serving tiny -->\n<!-- end -->\n", [document])
    assert "| 16 | API | 4.0 | 5.0 | 10.0 | 49.0 | 1.0 |" in page
    assert "| p99, times the bare search, at most 5 | 5.1 | MISSED |" in page
