"""The connection to Milvus: one client per process, a deadline on each call, one exception for any fault."""

import logging
import os
import time
from typing import Any
from urllib.parse import urlsplit

import grpc
from django.conf import settings
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs every refusal with a traceback; we raise

SEARCH_SECONDS = 0.7  # a page falls back to popular movies within a second
WRITE_SECONDS = 30.0
PAUSE_AFTER_FAULT_SECONDS = 2.0  # how long further searches are refused at once instead of waiting in turn
SERVER = ""  # in place of a collection's name: what concerns all of them
MAX_RECONNECT_MS = 2_000  # gRPC alone would come to wait two minutes between attempts
LOOPBACK = ("127.0.0.1", "localhost", "::1")
UNREACHABLE = 2  # a code of MilvusException


class VectorIndexUnavailable(Exception):
    """Milvus did not answer in time, or refused the request."""

    @property
    def code(self) -> int | None:
        """Milvus' own code of the refusal, if it was one."""
        return self.__cause__.code if isinstance(self.__cause__, MilvusException) else None


_client: tuple[int, MilvusClient] | None = None
_refused_until: dict[str, float] = {}  # by the name of a collection, or SERVER


def connected() -> MilvusClient:
    """This process's client: gRPC does not survive a fork, so each process makes its own."""
    global _client
    if _client is None or _client[0] != os.getpid():
        client = MilvusClient(
            uri=settings.MILVUS_URI,
            token=settings.MILVUS_TOKEN,
            timeout=SEARCH_SECONDS,
            dedicated=True,  # pymilvus would share a connection made elsewhere, with its options
            grpc_options=channel_options(settings.MILVUS_URI),
        )
        _client = (os.getpid(), client)
    return _client[1]


def channel_options(uri: str) -> dict[str, int]:
    """What gRPC does otherwise than pymilvus has it.

    pymilvus pings a connection that nobody uses every ten seconds, to notice that the other end is gone. On
    one machine that is noticed anyway, and Milvus Lite hangs up on who pings so often.
    """
    elsewhere = urlsplit(uri).hostname not in LOOPBACK
    return {
        "grpc.max_reconnect_backoff_ms": MAX_RECONNECT_MS,
        "grpc.keepalive_permit_without_calls": int(elsewhere),
    }


def call(method: str, *args: Any, timeout: float = WRITE_SECONDS, **kwargs: Any) -> Any:
    """Call the client; the first of `args`, if there are any, is the name of the collection it is about.

    Raises VectorIndexUnavailable on any fault, and for a while after a fault at once: for the same collection
    where that one did not answer in time, for all of them where the server did not. The collection of an
    experiment's challenger may be slow, and control's must answer all the same.
    """
    start = time.monotonic()
    about = args[0] if args else SERVER
    if timeout <= SEARCH_SECONDS and start < max(_refused_until.get(name, 0.0) for name in (about, SERVER)):
        raise VectorIndexUnavailable("Milvus failed a moment ago")
    try:
        return getattr(connected(), method)(*args, timeout=timeout, **kwargs)
    except (MilvusException, grpc.RpcError) as error:
        now = time.monotonic()
        if _is_of_the_connection(error):
            _refused_until[SERVER] = now + PAUSE_AFTER_FAULT_SECONDS
        elif _is_late(error) or now - start >= SEARCH_SECONDS:  # whatever code pymilvus made of it
            _refused_until[about] = now + PAUSE_AFTER_FAULT_SECONDS
        raise VectorIndexUnavailable(f"{method}: {_reason(error)}") from error


def ping() -> float:
    """Seconds that Milvus takes to answer. Raises VectorIndexUnavailable."""
    start = time.perf_counter()
    call("list_collections", timeout=SEARCH_SECONDS)
    return time.perf_counter() - start


def _is_of_the_connection(error: MilvusException | grpc.RpcError) -> bool:
    """Whether the server was not reached, or does not talk to us."""
    if isinstance(error, grpc.RpcError):
        return not _is_late(error)
    return error.code == UNREACHABLE or isinstance(error.code, grpc.StatusCode)  # as gRPC told pymilvus


def _is_late(error: Exception) -> bool:
    return isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def _reason(error: Exception) -> str:
    if isinstance(error, grpc.RpcError):
        return str(error.details() if isinstance(error, grpc.Call) else error)
    return str(getattr(error, "message", error)).partition("\n")[0]
