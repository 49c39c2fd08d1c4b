"""Hands work to the Celery workers from a page, which must not wait for a broker that is away."""

from typing import Any

from movierec.broker import impatient_connection


def order(task: Any, *arguments: Any, **options: Any) -> None:
    """Send `task` with `arguments` to its queue. Raises BrokerUnavailable within seconds."""
    with impatient_connection() as connection:
        task.apply_async(arguments, connection=connection, **options)
