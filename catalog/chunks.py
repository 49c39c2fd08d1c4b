"""Reading a whole table in bounded memory."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

CHUNK_ROWS = 20_000


def in_chunks(rows: QuerySet[Any, Any], *columns: str, size: int = CHUNK_ROWS) -> Iterator[list[Any]]:
    """Lists of at most `size` tuples, the key first and then `columns`, by rising key.

    A query for each: `iterator()` would not do, since MySQL's client receives all rows before it hands out
    the first.
    """
    values = rows.order_by("pk").values_list("pk", *columns)
    last = 0
    while chunk := list(values.filter(pk__gt=last)[:size]):
        yield chunk
        last = chunk[-1][0]
