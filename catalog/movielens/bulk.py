"""What the writers of the import share: batches, and updates of many rows at once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import connection, models

ModelT = TypeVar("ModelT", bound=models.Model)
ItemT = TypeVar("ItemT")
BATCH = 1000  # rows of movies, users or links


def batched(items: Iterable[ItemT], size: int = BATCH) -> Iterator[list[ItemT]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def update_rows(queryset: models.QuerySet[ModelT], rows: Sequence[ModelT], fields: Sequence[str]) -> None:
    """Write `fields` of these stored rows as upserts by primary key, many times faster than bulk_update."""
    if not rows:
        return
    target = ["pk"] if connection.features.supports_update_conflicts_with_target else None
    queryset.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, update_fields=fields, unique_fields=target
    )
