"""How far ratings and lists had moved, measurement by measurement."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DriftReportQuerySet(models.QuerySet["DriftReport"]):
    def outdated(self) -> Self:
        """Older than what the panel shows."""
        return self.filter(created_at__lt=timezone.now() - timedelta(days=settings.SERVED_LISTS_KEPT_DAYS))


class DriftReport(models.Model):
    """How far ratings and lists were from what the live model was trained on, and from what is healthy."""

    created_at = models.DateTimeField(_("measured"), default=timezone.now, db_index=True)
    model_version = models.PositiveIntegerField(_("model version"), null=True, blank=True)
    measures = models.JSONField(_("measures"), default=dict)  # by name: value, limit, sample, detail
    alerts = models.JSONField(_("beyond their limit"), default=list)  # names of measures
    last_rating = models.BigIntegerField(default=0)  # key of the last rating stored by then

    objects = DriftReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("drift report")
        verbose_name_plural = _("drift reports")

    def __str__(self) -> str:
        return f"drift at {self.created_at:%Y-%m-%d %H:%M}"
