"""Model versions: compare, promote, roll back, protect."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import BooleanField, QuerySet, Value
from django.db.models.expressions import Case, When
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from movierec.broker import BrokerUnavailable
from recommendations import promotion, vector_index
from recommendations.admin.base import REFUSALS, ReadOnlyAdmin, rows_table, table
from recommendations.index_jobs import start_index_job
from recommendations.leases import LeaseTaken
from recommendations.models import IndexJob, ModelVersion
from recommendations.run_queue import create_run
from recommendations.tasks import run_training
from recommendations.two_tower.config import ConfigInvalid
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable
from recommendations.work_orders import order


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ("number", "is_live", "created_at", "promoted_at", "ndcg", "verdict")
    actions = ("promote", "promote_anyway", "roll_back", "rebuild_index", "train_anew")
    fields = (
        "number",
        "is_live",
        "created_at",
        "promoted_at",
        "verdict",
        "metrics_table",
        "log_table",
        "config_table",
        "data_table",
        "seed",
        "checksum",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return super().get_queryset(request).annotate(is_live=_is_live())

    def has_promote_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("recommendations.change_modelversion")

    @admin.display(description=_("live"), boolean=True)
    def is_live(self, version: ModelVersion) -> bool | None:
        return version.is_live  # type: ignore[attr-defined]

    @admin.display(description=_("nDCG@10, popularity's"))
    def ndcg(self, version: ModelVersion) -> str:
        held_out = version.metrics.get("held_out", {})
        figures = [held_out.get("ndcg@10"), held_out.get("popularity_ndcg@10")]
        return ", ".join("–" if figure is None else f"{figure:.4f}" for figure in figures)

    @admin.display(description=_("gate"))
    def verdict(self, version: ModelVersion) -> str:
        if not version.gate:
            return "–"
        verdict = _("passed") if version.gate.get("passed") else _("refused")
        overruled = version.gate.get("overruled_by")
        parts = [verdict, version.gate.get("reason"), _("overruled by %s") % overruled if overruled else ""]
        return "; ".join(str(part) for part in parts if part)

    @admin.display(description=_("metrics"))
    def metrics_table(self, version: ModelVersion) -> SafeString:
        return table({name: value for name, value in version.metrics.items() if name != "log"})

    @admin.display(description=_("epochs"))
    def log_table(self, version: ModelVersion) -> SafeString:
        return rows_table(version.metrics.get("log", []))

    @admin.display(description=_("configuration"))
    def config_table(self, version: ModelVersion) -> SafeString:
        return table(version.config)

    @admin.display(description=_("data trained on"))
    def data_table(self, version: ModelVersion) -> SafeString:
        return table(version.data_snapshot)

    @admin.action(description=_("Promote: make the version live"), permissions=["promote"])
    def promote(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        self._promote(request, versions, force=False)

    @admin.action(description=_("Promote, overruling the gate"), permissions=["promote"])
    def promote_anyway(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        self._promote(request, versions, force=True)

    @admin.action(description=_("Roll back to the version before the live one"), permissions=["promote"])
    def roll_back(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        self._go_live(request, promotion.roll_back)

    @admin.action(description=_("Build the index anew, by a worker"), permissions=["promote"])
    def rebuild_index(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        if not self._is_one(request, versions):
            return
        version, user_name = versions[0], request.user.get_username()
        try:
            job = start_index_job(IndexJob.Kind.REBUILD, version=version, started_by=user_name)
        except LeaseTaken as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            text = _("A worker builds the index: %(job)s.") % {"job": job}
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Train a new version with its configuration"), permissions=["promote"])
    def train_anew(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        """The new version goes live if the gate agrees. A run that no worker hears of now waits for one."""
        if not self._is_one(request, versions):
            return
        try:
            run = create_run(config=versions[0].config, promote=True, started_by=request.user.get_username())
            order(run_training, run.pk)
        except (ConfigInvalid, LeaseTaken) as error:
            self.message_user(request, str(error), messages.ERROR)
        except BrokerUnavailable as error:
            self.message_user(request, _("The training waits for a worker: %s") % error, messages.WARNING)
        else:
            self.message_user(request, _("%(run)s is queued.") % {"run": run}, messages.SUCCESS)

    def _is_one(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> bool:
        if len(versions) != 1:
            self.message_user(request, _("Select one version."), messages.ERROR)
        return len(versions) == 1

    def _promote(self, request: HttpRequest, versions: QuerySet[ModelVersion], *, force: bool) -> None:
        if not self._is_one(request, versions):
            return
        version = versions[0]

        def promote() -> ModelVersion:
            promotion.promote(version, force=force, overruled_by=request.user.get_username())
            return version

        self._go_live(request, promote)

    def _go_live(self, request: HttpRequest, change: Callable[[], ModelVersion]) -> None:
        """Change which version is live; the history of the version keeps who did it."""
        try:
            version = change()
        except REFUSALS as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.log_change(request, version, "made live")
        self.message_user(request, _("%(version)s is live.") % {"version": version}, messages.SUCCESS)


def _is_live() -> Case | Value:
    """Whether a version is the one that the alias names; unknown while Milvus is away."""
    try:
        live = vector_index.live_collection()
    except (VectorIndexUnavailable, VectorIndexInvalid):
        return Value(None, output_field=BooleanField(null=True))
    number = live.version if live else -1
    return Case(When(number=number, then=Value(True)), default=Value(False), output_field=BooleanField())
