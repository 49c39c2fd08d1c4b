"""Django's `migrate`, which waits for the database as long as a migration takes.

Building an index of a large table takes longer than the time limits of the settings, which are there for
answers of the site. A client that gives up does not end the statement: the server would go on with it, the
migration would not be recorded, and the next run would stop at what is there already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

TIME_LIMITS = ("read_timeout", "write_timeout")  # of MySQL's client


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        with _without_time_limits(options["database"]):
            return super().execute(*args, **options)


@contextmanager
def _without_time_limits(database: str) -> Iterator[None]:
    connection = connections[database]
    given: dict[str, Any] = connection.settings_dict["OPTIONS"]
    limits = {name: given.pop(name) for name in TIME_LIMITS if name in given}
    if limits:
        connection.close()  # what is connected keeps the limits that it has
    try:
        yield
    finally:
        if limits:
            connection.close()
            given |= limits
