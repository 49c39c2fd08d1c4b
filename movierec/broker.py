"""The message broker, asked from outside of tasks by who cannot wait: pages and probes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from celery import current_app
from kombu import Connection
from kombu.exceptions import OperationalError

DEADLINE_SECONDS = 0.8  # it is tried twice
OPTIONS = {
    "socket_timeout": DEADLINE_SECONDS,  # Redis
    "socket_connect_timeout": DEADLINE_SECONDS,
    "connect_timeout": DEADLINE_SECONDS,
    "read_timeout": DEADLINE_SECONDS,  # RabbitMQ
    "write_timeout": DEADLINE_SECONDS,
}
QUEUES = ("sync", "index", "training", "batch")


class BrokerUnavailable(Exception):
    """The broker did not answer in time."""


@contextmanager
def impatient_connection() -> Iterator[Connection]:
    """A connection that gives up soon, where Celery's own take six seconds to be refused.

    Raises BrokerUnavailable, also for faults of the connection within the block.
    """
    with current_app.connection_for_write(
        connect_timeout=DEADLINE_SECONDS, transport_options=OPTIONS
    ) as connection:
        faults: tuple[type[BaseException], ...] = (OperationalError, *connection.connection_errors)
        try:
            connection.ensure_connection(max_retries=1, interval_start=0)
            yield connection
        except faults as error:
            raise BrokerUnavailable(str(error)) from error


def queue_depths(queues: Sequence[str] = QUEUES) -> dict[str, int]:
    """How many messages wait in each queue; those that a worker has taken are not counted.

    Raises BrokerUnavailable.
    """
    with impatient_connection() as connection:
        return {queue: _depth(connection, queue) for queue in queues}


def _depth(connection: Connection, queue: str) -> int:
    channel: Any
    try:
        with connection.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:
        return 0  # nobody has declared it yet
