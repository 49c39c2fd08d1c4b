from contextlib import suppress
from importlib import import_module
from unittest.mock import Mock, create_autospec, patch

import grpc
import numpy as np
import pytest
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from recommendations.vector_index import Collection, VectorIndexUnavailable, candidates, connection, rows
from recommendations.vector_index.connection import SEARCH_SECONDS, UNREACHABLE, channel_options

collections = import_module(
    "recommendations.vector_index.collections"
)  # the package has a function of that name


class Late(grpc.RpcError, grpc.Call):
    """What pymilvus passes on when a deadline has passed."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.DEADLINE_EXCEEDED

    def details(self) -> str:
        return "Deadline Exceeded"

    def is_active(self) -> bool:
        return False

    time_remaining = cancel = add_callback = initial_metadata = trailing_metadata = is_active


def test_loading_a_forgotten_collection_keeps_the_deadline_of_the_search() -> None:
    refusal = VectorIndexUnavailable("not loaded")
    refusal.__cause__ = MilvusException(rows.NOT_LOADED, "not loaded")
    with patch.object(rows, "call", autospec=True, side_effect=[refusal, None, ["found"]]) as call:
        found = rows.read("search", Collection("movies_v1", 1), timeout=SEARCH_SECONDS)
    assert found == ["found"]
    assert [kwargs["timeout"] for _args, kwargs in call.call_args_list] == [SEARCH_SECONDS] * 3
    assert call.call_args_list[1].args == ("load_collection", "movies_v1")


@pytest.mark.parametrize(
    ("fault", "seconds", "refused"),
    [
        (MilvusException(UNREACHABLE, "no connection"), 0.0, {"movies_v1", "movies_v2"}),
        (MilvusException(grpc.StatusCode.UNAVAILABLE, "lost"), SEARCH_SECONDS, {"movies_v1", "movies_v2"}),
        (grpc.RpcError("not allowed"), 0.0, {"movies_v1", "movies_v2"}),
        (MilvusException(1, "no answer in time"), SEARCH_SECONDS, {"movies_v2"}),
        (Late(), 0.0, {"movies_v2"}),
        (MilvusException(1, "no such field"), 0.0, set()),
    ],
)
def test_a_fault_of_one_collection_refuses_no_search_of_another(
    fault: Exception, seconds: float, refused: set[str]
) -> None:
    client = create_autospec(MilvusClient, instance=True)
    client.search.side_effect = [fault, [], []]
    found = set()
    with (
        patch.object(connection, "connected", autospec=True, return_value=client),
        patch.object(connection, "time", autospec=True) as clock,
    ):
        clock.monotonic.side_effect = [0.0, seconds, 1.0, 1.0]
        with pytest.raises(VectorIndexUnavailable):
            connection.call("search", "movies_v2", timeout=SEARCH_SECONDS)
        for name in ("movies_v1", "movies_v2"):
            with suppress(VectorIndexUnavailable):
                connection.call("search", name, timeout=SEARCH_SECONDS)
                found.add(name)
    assert found == {"movies_v1", "movies_v2"} - refused


def _milvus_with(*pending: int) -> list[object]:
    """Its answers while it works on a graph: to flush, then descriptions one after another, then loading."""
    described = [
        {"index_type": "HNSW", "pending_index_rows": rows_left} for rows_left in (pending[0], *pending)
    ]
    return [None, *described, None, None]


def test_who_waits_for_a_graph_is_told_how_many_movies_are_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(collections, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(collections, "TELL_SECONDS", 0)
    monkeypatch.setattr(collections.logger, "propagate", True)
    with (
        patch.object(collections, "call", autospec=True, side_effect=_milvus_with(30_000, 20_000, 0)) as call,
        caplog.at_level("INFO", logger=collections.logger.name),
    ):
        collections.finish(Collection("movies_v1", 1))
    assert [args[0] for args, _kwargs in call.call_args_list][-2:] == [
        "release_collection",
        "load_collection",
    ]
    assert [record.getMessage().split(" wait")[0] for record in caplog.records] == [
        "movies_v1: 30000 movies",
        "movies_v1: 20000 movies",
    ]


def test_a_graph_that_does_not_grow_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(collections, "INDEXING_SECONDS", -1)
    with (
        patch.object(collections, "call", autospec=True, side_effect=_milvus_with(30_000, 30_000)),
        pytest.raises(VectorIndexUnavailable, match="30000 movies wait"),
    ):
        collections.finish(Collection("movies_v1", 1))


def test_who_waits_for_a_graph_may_change_their_mind() -> None:
    with (
        patch.object(collections, "call", autospec=True, side_effect=_milvus_with(30_000, 0)) as call,
        pytest.raises(InterruptedError),
    ):
        collections.finish(Collection("movies_v1", 1), look=Mock(side_effect=InterruptedError))
    assert {args[0] for args, _kwargs in call.call_args_list} == {"flush", "describe_index"}


@pytest.mark.parametrize(
    ("uri", "pings"),
    [
        ("http://127.0.0.1:19530", 0),
        ("http://localhost:19530", 0),
        ("http://[::1]:19530", 0),
        ("https://milvus.example.org:443", 1),
        ("http://10.0.0.7:19530", 1),
    ],
)
def test_an_idle_connection_is_pinged_only_to_another_machine(uri: str, pings: int) -> None:
    assert channel_options(uri)["grpc.keepalive_permit_without_calls"] == pings


@pytest.mark.django_db
def test_a_search_fetches_ids_and_nothing_else_of_a_row(live: ModelVersion) -> None:
    with patch.object(candidates, "read", wraps=rows.read) as read:
        found = candidates.search(live_model().collection, np.ones(candidates.DIMENSION, np.float32), limit=3)
    asked = read.call_args
    hits = rows.read(*asked.args, **asked.kwargs)[0]
    assert [hit["entity"] for hit in hits] == [{"movie_id": candidate.movie_id} for candidate in found]
