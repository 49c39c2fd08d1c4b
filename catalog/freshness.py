"""When the catalogue last changed, for HTTP's Last-Modified, which knows whole seconds only.

* A change is noted once its transaction has committed, so a reader who asked for the moment before it read
  can only hold a newer catalogue than the moment says, never an older one.
* The moment is told when it has been left alone for SETTLED_SECONDS: what changes later falls into another
  second, also by the clock of another server. Until then, clients have the ETag alone.
* A replica may show one of two changes of the same second much later than that, so there the ETag does.

docs/adr/0040-last-modified.md has the alternatives.
"""

from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, router, transaction
from django.utils import timezone

from catalog.models import CatalogueChange

SETTLED_SECONDS = 5


def note_change() -> None:
    """Movies, genres or figures of ratings change in the present transaction."""
    transaction.on_commit(_note, robust=True)


def last_change() -> datetime | None:
    """What to tell as Last-Modified of what is read from now on, if anything; one query."""
    if router.db_for_read(CatalogueChange) != DEFAULT_DB_ALIAS:
        return None
    changed_at = _noted()
    settled = changed_at and timezone.now() - changed_at > timedelta(seconds=SETTLED_SECONDS)
    return changed_at if settled else None


def _note() -> None:
    """At most one write a second, and never back in time."""
    now = timezone.now()
    changed_at = _noted()
    if changed_at is None:
        row = CatalogueChange(changed_at=now)
        CatalogueChange.objects.bulk_create([row], ignore_conflicts=True)
    elif changed_at < now.replace(microsecond=0):
        CatalogueChange.objects.filter(changed_at__lt=now).update(changed_at=now)


def _noted() -> datetime | None:
    return CatalogueChange.objects.values_list("changed_at", flat=True).first()
