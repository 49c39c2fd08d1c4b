"""/healthz and /readyz."""

import threading
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.test import Client

from movierec import engines

pytestmark = pytest.mark.django_db


def fail() -> None:
    raise ConnectionError("refused")


def answer_with(monkeypatch: pytest.MonkeyPatch, **probes: Callable[[], object]) -> None:
    everything_up = {name: lambda: None for name in engines.PROBES} | {"milvus": lambda: 3, "broker": dict}
    monkeypatch.setattr(engines, "PROBES", everything_up | probes)


def test_a_live_process_says_so_without_asking_any_engine(client: Client) -> None:
    with patch("movierec.health.engine_states", autospec=True) as asked:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    asked.assert_not_called()


def test_with_every_engine_up_the_installation_is_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch)
    body = client.get("/readyz").json()
    assert (body["status"], body["live_model"]) == ("ready", 3)
    assert body["engines"]["database"].keys() == {"state", "needed", "latency_ms"}
    assert {engine["state"] for engine in body["engines"].values()} == {"up"}


def test_without_the_database_it_is_unavailable_for_a_while(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, database=fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["engines"]["database"] == {"state": "down", "needed": True, "latency_ms": None}


@pytest.mark.parametrize("engine", ["milvus", "broker", "cache"])
def test_without_another_engine_it_serves_with_fallbacks(
    client: Client, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    answer_with(monkeypatch, **{engine: fail})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["engines"][engine]["state"] == "down"


def test_before_the_first_model_it_serves_with_fallbacks(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, milvus=lambda: None)
    assert client.get("/readyz").json()["status"] == "degraded"


def test_an_engine_that_hangs_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up, ended = threading.Event(), threading.Event()

    def hang() -> None:
        given_up.wait(60)
        ended.set()

    answer_with(monkeypatch, milvus=hang)
    monkeypatch.setattr(engines, "PROBE_SECONDS", 0.1)
    with patch("movierec.engines.wait", autospec=True, side_effect=engines.wait) as waited:
        body = client.get("/readyz").json()
    assert not ended.is_set()
    assert waited.call_args.kwargs == {"timeout": 0.1}
    assert body["engines"]["milvus"]["state"] == "down"
    given_up.set()


def test_all_engines_are_asked_at_the_same_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Barrier(len(engines.PROBES), timeout=60)
    answer_with(monkeypatch, **dict.fromkeys(engines.PROBES, asked.wait))
    monkeypatch.setattr(engines, "PROBE_SECONDS", 60)
    body = client.get("/readyz").json()
    assert {engine["state"] for engine in body["engines"].values()} == {"up"}


def test_the_answer_tells_strangers_no_addresses(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, database=fail)
    assert b"refused" not in client.get("/readyz").content


def test_no_cache_keeps_the_answer(client: Client) -> None:
    assert "no-store" in client.get("/readyz")["Cache-Control"]
