"""The recommender in the operator's panel: model versions to promote, trainings, served lists."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, QuerySet, Value
from django.db.models.expressions import Case, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.cards import movie_cards
from movierec.broker import BrokerUnavailable
from recommendations import promotion, vector_index
from recommendations.leases import LeaseTaken
from recommendations.live_model import NoActiveModel
from recommendations.models import ModelVersion, ServedList, TrainingRun
from recommendations.promotion import PromotionRefused
from recommendations.run_queue import create_run
from recommendations.tasks import build_index, run_training
from recommendations.two_tower.config import ConfigInvalid
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable
from recommendations.work_orders import order

REFUSALS = (PromotionRefused, LeaseTaken, NoActiveModel, VectorIndexInvalid, VectorIndexUnavailable)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the recommender writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
        return _table({name: value for name, value in version.metrics.items() if name != "log"})

    @admin.display(description=_("epochs"))
    def log_table(self, version: ModelVersion) -> SafeString:
        return _rows_table(version.metrics.get("log", []))

    @admin.display(description=_("configuration"))
    def config_table(self, version: ModelVersion) -> SafeString:
        return _table(version.config)

    @admin.display(description=_("data trained on"))
    def data_table(self, version: ModelVersion) -> SafeString:
        return _table(version.data_snapshot)

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
        try:
            order(build_index, versions[0].number)
        except BrokerUnavailable as error:
            self.message_user(request, _("No worker can be reached: %s") % error, messages.ERROR)
        else:
            self.message_user(request, _("A worker builds the index."), messages.SUCCESS)

    @admin.action(description=_("Train a new version with its configuration"), permissions=["promote"])
    def train_anew(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> None:
        """The new version goes live if the gate agrees. A run that no worker hears of now waits for one."""
        if not self._is_one(request, versions):
            return
        try:
            run = create_run(config=versions[0].config, promote=True)
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


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "state", "progress_text", "created_at", "finished_at", "version_link", "error_line")
    list_filter = ("state",)
    list_select_related = ("model_version",)
    fields = (
        "state",
        "progress_text",
        "error",
        "attempts",
        "created_at",
        "started_at",
        "heartbeat_at",
        "finished_at",
        "version_link",
        "promote",
        "seed",
        "config_table",
    )

    @admin.display(description=_("progress"))
    def progress_text(self, run: TrainingRun) -> str:
        shown = {
            name: run.progress.get(name) for name in ("epoch", "epochs", "loss", "metric", "eta_seconds")
        }
        if shown["epoch"] is None:
            return "–"
        text = _("epoch %(epoch)s of %(epochs)s") % shown
        return text if shown["loss"] is None else f"{text}, " + _("loss %(loss).4f") % shown

    @admin.display(description=_("model version"))
    def version_link(self, run: TrainingRun) -> str | SafeString:
        if run.model_version is None:
            return "–"
        url = reverse("admin:recommendations_modelversion_change", args=[run.model_version.pk])
        return format_html('<a href="{}">{}</a>', url, run.model_version)

    @admin.display(description=_("error"))
    def error_line(self, run: TrainingRun) -> str:
        return run.error.partition("\n")[0][:120]

    @admin.display(description=_("configuration"))
    def config_table(self, run: TrainingRun) -> SafeString:
        return _table(run.config)


@admin.register(ServedList)
class ServedListAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "source", "model_version", "length", "created_at")
    list_filter = ("source", "created_at")
    list_select_related = ("user",)
    search_fields = ("=id", "user__username__exact")
    search_help_text = _("list_id, or name of a user")
    show_full_result_count = False
    fields = ("id", "user", "source", "model_version", "created_at", "request_table", "movies")

    @admin.display(description=_("length"))
    def length(self, served: ServedList) -> int:
        return len(served.movie_ids)

    @admin.display(description=_("request"))
    def request_table(self, served: ServedList) -> SafeString:
        return _table(served.request)

    @admin.display(description=_("movies"))
    def movies(self, served: ServedList) -> SafeString:
        cards = movie_cards(served.movie_ids)
        rows = [(reverse("admin:catalog_movie_change", args=[card.id]), card) for card in cards]
        return format_html("<ol>{}</ol>", format_html_join("", '<li><a href="{}">{}</a></li>', rows))


def _is_live() -> Case | Value:
    """Whether a version is the one that the alias names; unknown while Milvus is away."""
    try:
        live = vector_index.live_collection()
    except (VectorIndexUnavailable, VectorIndexInvalid):
        return Value(None, output_field=BooleanField(null=True))
    number = live.version if live else -1
    return Case(When(number=number, then=Value(True)), default=Value(False), output_field=BooleanField())


def _table(figures: dict[str, Any]) -> SafeString:
    """Names and values as a table; what is nested, by its path."""
    rows = [(name, _shown(value)) for name, value in _flat(figures)]
    return format_html("<table>{}</table>", format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows))


def _rows_table(rows: list[dict[str, Any]]) -> SafeString:
    """Rows of the same figures as a table with a line of headings."""
    if not rows:
        return format_html("–")
    head = format_html_join("", "<th>{}</th>", ((name,) for name in rows[0]))
    lines = [format_html_join("", "<td>{}</td>", ((_shown(v),) for v in row.values())) for row in rows]
    return format_html(
        "<table><tr>{}</tr>{}</table>", head, format_html_join("", "<tr>{}</tr>", ((line,) for line in lines))
    )


def _flat(figures: dict[str, Any], path: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in figures.items():
        rows += _flat(value, f"{path}{name} / ") if isinstance(value, dict) else [(f"{path}{name}", value)]
    return rows


def _shown(value: Any) -> str:
    return (
        f"{value:.4f}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
    )
