"""What the writers of the import share: batches, and updates of many rows at once."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from django.db import connection, models

from catalog.models import Movie, MovieChange, Rating, User

ModelT = TypeVar("ModelT", bound=models.Model)
ItemT = TypeVar("ItemT")
BULKY: tuple[type[models.Model], ...] = (Movie, Movie.genres.through, MovieChange, User, Rating)
BATCH = 1000  # rows of movies, users or links
CACHE = 64 << 10  # KiB; SQLite comes with 2 MiB, and spills changed pages to disk again and again


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


def tell_the_planner() -> None:
    """Make MySQL count what was written by the thousand, before it plans the next query.

    It does so by itself, but connections go on with what was known when a table was opened: the genres of
    2,000 among 150,000 new movies were found by a scan of all of them. Within a transaction, which this would
    end, nothing happens.
    """
    if connection.vendor != "mysql" or connection.in_atomic_block:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(quote(model._meta.db_table) for model in BULKY)}")
        cursor.fetchall()


@contextmanager
def roomy_cache() -> Iterator[None]:
    """Give SQLite room for the pages that bulk writes change; other databases have that of their server."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size = -{CACHE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {before}")
