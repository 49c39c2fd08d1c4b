"""Work on the index, and what it found."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


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
