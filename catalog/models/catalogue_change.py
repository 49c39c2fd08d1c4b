"""When the catalogue last changed: one row."""

from django.db import models


class CatalogueChange(models.Model):
    """Written by `catalog.freshness` once a change has committed; no row before the first one."""

    ONLY = 1  # the key of the row

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"changed {self.changed_at:%Y-%m-%d %H:%M:%S} UTC"
