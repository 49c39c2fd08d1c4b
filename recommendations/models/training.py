"""The log of trainings, and when they start by themselves."""

from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.model_version import ModelVersion


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
        STOPPED = "stopped", _("stopped")

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    started_by = models.CharField(
        _("started by"), max_length=150, blank=True, default="", help_text=_("An operator, or a plan.")
    )
    config = models.JSONField(_("configuration"), default=dict)
    seed = models.PositiveBigIntegerField(_("seed"))
    promote = models.BooleanField(_("promote when done"), default=False)
    warm_start = models.BooleanField(
        _("warm start"),
        default=False,
        help_text=_("Go on from the weights of the live version, which takes a fraction of the time."),
    )
    base_version = models.PositiveIntegerField(_("started from version"), null=True, blank=True)
    data_until = models.JSONField(_("data until"), default=dict)  # interactions.DataMark
    progress = models.JSONField(_("progress"), default=dict)
    curve = models.JSONField(_("loss curve"), default=list)  # [step, loss, metric or None]
    log = models.TextField(_("log"), blank=True, default="")
    error = models.TextField(_("error"), blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    stop_requested_at = models.DateTimeField(_("asked to stop"), null=True, blank=True)
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
    def is_active(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def checkpoint_dir(self) -> Path:
        return settings.MODEL_DIR / "runs" / str(self.pk)


class TrainingPlan(models.Model):
    """When trainings start by themselves: at a time of day, after so many new ratings, or both."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    at = models.TimeField(_("time of day"), null=True, blank=True, help_text=_("In UTC."))
    every_days = models.PositiveSmallIntegerField(
        _("every so many days"), default=1, validators=[MinValueValidator(1)]
    )
    after_ratings = models.PositiveIntegerField(
        _("after so many new ratings"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Counted since the latest training that succeeded."),
    )
    promote = models.BooleanField(_("promote when done"), default=True, help_text=_("If the gate agrees."))
    warm_start = models.BooleanField(
        _("warm start"),
        default=False,
        help_text=_("Go on from the weights of the live version, which takes a fraction of the time."),
    )
    config = models.JSONField(
        _("configuration"),
        default=dict,
        blank=True,
        help_text=_("What differs from the default: {} for nothing."),
    )
    last_started_at = models.DateTimeField(_("last started"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("training plan")
        verbose_name_plural = _("training plans")

    def __str__(self) -> str:
        return self.name
