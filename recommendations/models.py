"""The registry of model versions, the log of trainings, and the lists that were served."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.experiments.models import Arm, Experiment


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


class IndexJobQuerySet(models.QuerySet["IndexJob"]):
    def active(self) -> Self:
        return self.filter(state__in=[IndexJob.State.QUEUED, IndexJob.State.RUNNING])


class IndexJob(models.Model):
    """One comparison, repair or rebuild of the index, and what it found."""

    class Kind(models.TextChoices):
        COMPARE = "compare", _("comparison")
        REPAIR = "repair", _("repair")
        REBUILD = "rebuild", _("rebuild")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    started_by = models.CharField(_("started by"), max_length=150, blank=True, default="")
    model_version = models.PositiveIntegerField(_("model version"), null=True, blank=True)
    done = models.PositiveIntegerField(_("movies done"), default=0)
    total = models.PositiveIntegerField(_("movies in all"), default=0)
    findings = models.JSONField(_("findings"), default=dict)  # movie IDs: missing, surplus, stale
    error = models.TextField(_("error"), blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = IndexJobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("index job")
        verbose_name_plural = _("index jobs")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}, {self.state}"


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
    trace = models.JSONField(_("reasons"), default=list)  # per movie: score, predicted, because (movie IDs)
    experiment = models.ForeignKey(Experiment, models.SET_NULL, null=True, blank=True, related_name="lists")
    arm = models.CharField(_("arm"), max_length=10, choices=Arm, blank=True, default="")

    objects = ServedListQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("served list")
        verbose_name_plural = _("served lists")

    def __str__(self) -> str:
        return f"{self.source} list of {len(self.movie_ids)} movies"


class ListFeedback(models.Model):
    """What its reader did with a movie of a served list."""

    class Kind(models.TextChoices):
        CLICKED = "clicked", _("clicked")
        HIDDEN = "hidden", _("hidden")
        WATCHED = "watched", _("watched")

    served_list = models.ForeignKey(ServedList, models.CASCADE, related_name="feedback", db_index=False)
    movie_id = models.BigIntegerField()  # which may be gone
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    created_at = models.DateTimeField(_("told"), auto_now_add=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.UniqueConstraint(fields=["served_list", "movie_id", "kind"], name="feedback_once")
        ]

    def __str__(self) -> str:
        return f"movie {self.movie_id} {self.kind}"


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


class Lease(models.Model):
    """Who is at work on something that only one process may do at a time, and until when that holds."""

    name = models.CharField(max_length=40, primary_key=True)
    owner = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200)
    acquired_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.purpose} ({self.owner}, since {self.acquired_at:%H:%M:%S} UTC)"
