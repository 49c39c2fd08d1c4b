"""The lists that were served, and what their readers did with them."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.experiments.models import Arm, Experiment


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
