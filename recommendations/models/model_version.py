"""The registry of model versions."""

from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def stored(self) -> Self:
        """Those whose files are there."""
        return self.filter(removed_at=None)


class ModelVersion(models.Model):
    """One trained model: the row beside an artifact folder. What was trained never changes.

    Which version is live is told by the alias of the vector index, not by this table;
    `promoted_at` only remembers when a version last became it, until one goes back from it.
    """

    number = models.PositiveIntegerField(_("version"), unique=True)
    created_at = models.DateTimeField(_("trained"), auto_now_add=True)
    promoted_at = models.DateTimeField(_("last promoted"), null=True, blank=True)
    checksum = models.CharField(_("checksum"), max_length=64)
    seed = models.PositiveBigIntegerField(_("seed"))
    config = models.JSONField(_("configuration"), encoder=DjangoJSONEncoder)
    metrics = models.JSONField(_("metrics"), encoder=DjangoJSONEncoder)
    data_snapshot = models.JSONField(_("data trained on"), encoder=DjangoJSONEncoder)
    gate = models.JSONField(_("gate"), encoder=DjangoJSONEncoder, default=dict)
    is_protected = models.BooleanField(
        _("protected"), default=False, help_text=_("Kept however many newer versions there are.")
    )
    removed_at = models.DateTimeField(
        _("removed"),
        null=True,
        blank=True,
        help_text=_("Its files and its index are gone; the figures stay."),
    )
    people_deleted = models.PositiveIntegerField(
        _("people deleted since"), default=0, help_text=_("Who may have rated something it was trained on.")
    )

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def folder(self) -> Path:
        return settings.MODEL_DIR / f"v{self.number}"
