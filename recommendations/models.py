"""The registry of model versions, the log of trainings, and the lists that were served."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ModelVersion(models.Model):
    """One trained model: the row beside an artifact folder. Neither changes once written.

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

    class Meta:
        ordering = ["-number"]
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def folder(self) -> Path:
        return settings.MODEL_DIR / f"v{self.number}"


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def active(self) -> Self:
        return self.filter(state__in=[TrainingRun.State.QUEUED, TrainingRun.State.RUNNING])


class TrainingRun(models.Model):
    """One training, from its start to its model version or its failure."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    config = models.JSONField(_("configuration"), default=dict)
    seed = models.PositiveBigIntegerField(_("seed"))
    promote = models.BooleanField(_("promote when done"), default=False)
    progress = models.JSONField(_("progress"), default=dict)
    error = models.TextField(_("error"), blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    model_version = models.OneToOneField(
        ModelVersion, models.SET_NULL, null=True, blank=True, related_name="training_run"
    )

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")

    def __str__(self) -> str:
        return f"training run {self.pk}, {self.state}"

    @property
    def checkpoint_dir(self) -> Path:
        return settings.MODEL_DIR / "runs" / str(self.pk)


class ServedListQuerySet(models.QuerySet["ServedList"]):
    def outdated(self) -> Self:
        """Older than anybody needs to ask about."""
        return self.filter(created_at__lt=timezone.now() - timedelta(days=settings.SERVED_LISTS_KEPT_DAYS))


class ServedList(models.Model):
    """A list of recommendations as it was shown, so that feedback and questions can refer to it."""

    class Source(models.TextChoices):
        PERSONAL = "personal", _("picked for you")
        DEMOGRAPHICS = "demographics", _("popular with people like you")
        POPULAR = "popular", _("popular with everybody")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="served_lists"
    )
    created_at = models.DateTimeField(_("served"), auto_now_add=True, db_index=True)
    source = models.CharField(_("source"), max_length=12, choices=Source)
    model_version = models.PositiveIntegerField(_("model version"), null=True, blank=True)
    request = models.JSONField(_("request"), default=dict)
    movie_ids = models.JSONField(_("movies"), default=list)

    objects = ServedListQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("served list")
        verbose_name_plural = _("served lists")

    def __str__(self) -> str:
        return f"{self.source} list of {len(self.movie_ids)} movies"


class Lease(models.Model):
    """Who is at work on something that only one process may do at a time, and until when that holds."""

    name = models.CharField(max_length=40, primary_key=True)
    owner = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200)
    acquired_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.purpose} ({self.owner}, since {self.acquired_at:%H:%M:%S} UTC)"
