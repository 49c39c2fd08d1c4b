"""Experiments, and what the shadow of one showed. Versions are told by number: a row may be gone later."""

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.vector_index import Collection

if TYPE_CHECKING:
    from recommendations.models import ModelVersion


class Arm(models.TextChoices):
    CONTROL = "control", _("control")
    CHALLENGER = "challenger", _("challenger")
    SHADOW = "shadow", _("control, with the challenger in its shadow")


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def active(self) -> Self:
        """Being prepared or running; one at most."""
        return self.filter(is_active=True)

    def running(self) -> Self:
        return self.filter(state=Experiment.State.RUNNING)

    def versions_in_use(self) -> set[int]:
        """Numbers of the model versions that an active experiment needs: they must stay."""
        rows = self.active().values_list("control", "challenger")
        return {number for row in rows for number in row}


class Experiment(models.Model):
    """Control is the version that is live all the while; the challenger is served beside it."""

    class Mode(models.TextChoices):
        AB = "ab", _("A/B: a share of the people gets the challenger's lists")
        SHADOW = "shadow", _("shadow: everybody gets control's lists, a share is computed with both")

    class State(models.TextChoices):
        PREPARING = "preparing", _("preparing")
        RUNNING = "running", _("running")
        STOPPED = "stopped", _("stopped")
        PROMOTED = "promoted", _("challenger promoted")
        FAILED = "failed", _("failed")

    control = models.PositiveIntegerField(_("control"))
    challenger = models.PositiveIntegerField(_("challenger"))
    collection = models.CharField(_("challenger's collection"), max_length=40, blank=True, default="")
    mode = models.CharField(_("mode"), max_length=6, choices=Mode, default=Mode.AB)
    share = models.DecimalField(_("share in percent"), max_digits=5, decimal_places=2)
    share_since = models.DateTimeField(_("share since"), null=True, blank=True)
    shares = models.JSONField(_("shares so far"), default=list)  # [since, percent, who set it]
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PREPARING)
    is_active = models.BooleanField(null=True, unique=True, default=True, editable=False)  # True or NULL
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    started_by = models.CharField(_("started by"), max_length=150, blank=True, default="")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    stopped_by = models.CharField(_("stopped by"), max_length=150, blank=True, default="")
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="")
    result = models.JSONField(_("result"), encoder=DjangoJSONEncoder, default=dict)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")

    def __str__(self) -> str:
        return f"experiment {self.pk}: version {self.challenger} against {self.control}"

    @property
    def challenger_collection(self) -> Collection:
        return Collection(self.collection, self.challenger)

    @property
    def challenger_version(self) -> "ModelVersion":
        from recommendations.models import ModelVersion

        return ModelVersion.objects.get(number=self.challenger)

    @property
    def share_of_one(self) -> float:
        """From 0 to 1."""
        return float(Decimal(self.share) / 100)


class ShadowComparison(models.Model):
    """One list that was served by control, computed by a worker with both versions."""

    served_list = models.OneToOneField(
        "recommendations.ServedList", models.CASCADE, related_name="shadow", primary_key=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    overlap = models.FloatField(null=True)  # share of the first ten that both have; None without a list
    control_ms = models.FloatField(null=True)
    challenger_ms = models.FloatField(null=True)
    challenger_size = models.PositiveIntegerField(null=True)  # movies on its list
    error = models.CharField(max_length=200, blank=True, default="")  # of the challenger

    def __str__(self) -> str:
        return f"shadow of {self.served_list_id}"
