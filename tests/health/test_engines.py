"""The probes, against the engines of the test's own installation and against ones that are not there."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import OperationalError, connections

from movierec.broker import QUEUES, BrokerUnavailable, queue_depths
from movierec.engines import probe_cache, probe_database

# The embedded installation has the client of RabbitMQ, which comes with Celery, and none of Redis.
SCHEMES = ["amqp", pytest.param("redis", marks=pytest.mark.services)]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.django_db(transaction=True)
def test_the_database_answers() -> None:
    probe_database()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_be_opened_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("movierec.engines.connections", {"default": Unopenable()})
    with pytest.raises(OperationalError):
        probe_database()


class Unopenable:
    """A connection whose copy leads to a file that cannot be."""

    def copy(self) -> object:
        connection = connections["default"].copy()
        connection.settings_dict["NAME"] = "/nowhere/at/all.sqlite3"
        return connection


def test_the_cache_keeps_what_it_is_given() -> None:
    probe_cache()


@pytest.fixture
def _empty_queues() -> Iterator[None]:
    """The broker of the tests, without what other tests have sent."""

    def purge() -> None:
        with current_app.connection_for_write() as connection:
            for queue in QUEUES:
                connection.default_channel.queue_purge(queue)

    purge()
    yield
    purge()


@pytest.mark.usefixtures("_empty_queues")
def test_an_idle_broker_has_empty_queues() -> None:
    assert queue_depths() == dict.fromkeys(QUEUES, 0)


@pytest.mark.usefixtures("_empty_queues")
def test_a_message_that_waits_is_counted() -> None:
    current_app.send_task("recommendations.tasks.sync_index", queue="training")
    assert queue_depths() == dict.fromkeys(QUEUES, 0) | {"training": 1}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_broker_that_is_down_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"{scheme}://127.0.0.1:1//")
    start = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        queue_depths()
    assert time.monotonic() - start < 0.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_broker_that_hangs_is_noticed_in_time(
    monkeypatch: pytest.MonkeyPatch, scheme: str, silent_port: int
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"{scheme}://127.0.0.1:{silent_port}//")
    start = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        queue_depths()
    assert time.monotonic() - start < 2.5
