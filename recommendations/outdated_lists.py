"""Forgets the served lists that are older than anybody needs to ask about."""

from django.db import DEFAULT_DB_ALIAS, transaction

from recommendations.experiments.models import ShadowComparison
from recommendations.models import ListFeedback, ServedList
from recommendations.models.served_list import ServedListQuerySet

BATCH = 2_000  # lists that one transaction deletes


def forget_outdated_lists() -> int:
    """How many lists older than SERVED_LISTS_KEPT_DAYS were forgotten, with what refers to them."""
    outdated = ServedList.objects.outdated().order_by("created_at")
    forgotten = 0
    while batch := _forget_some(outdated):
        forgotten += batch
    return forgotten


def _forget_some(lists: ServedListQuerySet) -> int:
    """How many of the first BATCH `lists` were deleted.

    `delete()` would load each list with its reasons, because rows refer to it: gigabytes on a busy site.
    """
    with transaction.atomic():
        locked = lists.select_for_update()  # or feedback could come after that of before is deleted
        ids = list(locked.values_list("pk", flat=True)[:BATCH])
        ListFeedback.objects.filter(served_list__in=ids).delete()
        ShadowComparison.objects.filter(served_list__in=ids).delete()
        ServedList.objects.filter(pk__in=ids)._raw_delete(DEFAULT_DB_ALIAS)
    return len(ids)
