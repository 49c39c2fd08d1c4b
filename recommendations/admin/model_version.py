"""Model versions: compare, promote, overrule, roll back, protect."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, QuerySet, Value
from django.db.models.expressions import Case, When
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import promotion, vector_index
from recommendations.admin.base import ReadOnlyAdmin, rows_table, table
from recommendations.admin.version_diff import diff_page
from recommendations.index_jobs import start_index_job
from recommendations.models import IndexJob, ModelVersion
from recommendations.panel.version_page import version_context
from recommendations.promotion import PromotionRefused
from recommendations.retention import disk_use
from recommendations.run_queue import create_run
from recommendations.tasks import run_training
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

REASON_LENGTH = 500
SHOWN_ELSEWHERE = ("log", "quality", "held_out")  # of the metrics: on the page in parts of their own
SOURCE = ("seed", "checksum")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    change_form_template = "admin/panel/model_version.html"
    buttons = (
        *("promote", "overrule", "roll_back", "protect", "unprotect"),
        *("rebuild_index", "train_anew", "train_on"),
    )
    list_display = ("number", "state", "age", "promoted_at", "ndcg", "verdict", "size", "disk")
    list_filter = ("is_protected",)
    fieldsets = (
        (
            None,
            {"fields": ("number", "created_at", "promoted_at", "removed_at", "people_deleted", *SOURCE)},
        ),
        (_("data trained on"), {"fields": ("data_table",), "classes": ("collapse",)}),
        (_("metrics"), {"fields": ("metrics_table", "log_table"), "classes": ("collapse",)}),
        (_("configuration"), {"fields": ("config_table",), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return super().get_queryset(request).annotate(**_places())

    def get_urls(self) -> list[URLPattern]:
        diff = self.admin_site.admin_view(self.diff)
        return [path("<int:pk>/diff/", diff, name=self._url_name("diff")), *super().get_urls()]

    def diff(self, request: HttpRequest, pk: int) -> HttpResponse:
        return diff_page(self, request, pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        context: dict[str, Any] = {"may_operate": self.may_operate(request), "reason_length": REASON_LENGTH}
        if version:
            context |= version_context(version) | {"state": self.state(version)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    @admin.display(description=_("state"))
    def state(self, version: Any) -> SafeString | str:
        states = [
            (version.is_live, _("live")),
            (version.is_previous, _("to roll back to")),
            (version.is_protected, _("protected")),
            (version.removed_at, _("removed")),
            (version.is_live is None, _("Milvus is out of reach")),
        ]
        named = ", ".join(str(name) for holds, name in states if holds) or "–"
        return format_html("<strong>{}</strong>", named) if version.is_live else named

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, version: ModelVersion) -> str:
        return timesince(version.created_at)

    @admin.display(description=_("ratings"))
    def size(self, version: ModelVersion) -> str:
        """Of those that it was trained on."""
        number = version.data_snapshot.get("ratings")
        return "–" if number is None else f"{number:,}"

    @admin.display(description=_("disk use"))
    def disk(self, version: ModelVersion) -> str:
        return filesizeformat(disk_use(version.folder))

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
        return f"{verdict}, {_('overruled by %s') % overruled}" if overruled else str(verdict)

    @admin.display(description=_("metrics"))
    def metrics_table(self, version: ModelVersion) -> SafeString:
        return table({name: of for name, of in version.metrics.items() if name not in SHOWN_ELSEWHERE})

    @admin.display(description=_("epochs"))
    def log_table(self, version: ModelVersion) -> SafeString:
        return rows_table(version.metrics.get("log", []))

    @admin.display(description=_("configuration"))
    def config_table(self, version: ModelVersion) -> SafeString:
        return table(version.config)

    @admin.display(description=_("data trained on"))
    def data_table(self, version: ModelVersion) -> SafeString:
        return table(version.data_snapshot)

    def promote(self, request: HttpRequest, version: ModelVersion) -> None:
        self._go_live(request, lambda: _promoted(version), "made live")

    def overrule(self, request: HttpRequest, version: ModelVersion) -> None:
        """The reason is asked for by the form, too."""
        reason = " ".join(request.POST.get("reason", "").split())[:REASON_LENGTH]
        if not reason:
            raise PromotionRefused(gettext("Say why the gate is overruled."))
        name = request.user.get_username()
        self._go_live(
            request,
            lambda: _promoted(version, force=True, overruled_by=name, overrule_reason=reason),
            f"made live, overruling the gate: {reason}",
        )

    def roll_back(self, request: HttpRequest, version: ModelVersion) -> None:
        """From the version of this page, also when the button is pressed twice."""
        self._go_live(
            request,
            lambda: promotion.roll_back(leaving=version.number),
            f"made live again, back from {version}",
        )

    def protect(self, request: HttpRequest, version: ModelVersion) -> None:
        self._set_protected(request, version, to=True)

    def unprotect(self, request: HttpRequest, version: ModelVersion) -> None:
        self._set_protected(request, version, to=False)

    def rebuild_index(self, request: HttpRequest, version: ModelVersion) -> None:
        user_name = request.user.get_username()
        job = start_index_job(IndexJob.Kind.REBUILD, version=version, started_by=user_name)
        self.log_change(request, version, f"its index is built anew by {job}")
        self.message_user(request, _("A worker builds the index: %(job)s.") % {"job": job}, messages.SUCCESS)

    def train_anew(self, request: HttpRequest, version: ModelVersion) -> None:
        self._train(request, version, config=version.config)

    def train_on(self, request: HttpRequest, version: ModelVersion) -> None:
        """Goes on from the weights of the version, with its configuration."""
        self._train(request, version, warm_start=True, base_version=version.number)

    def _train(self, request: HttpRequest, version: ModelVersion, **options: Any) -> None:
        """The new version goes live if the gate agrees. A run that no worker hears of now waits for one."""
        run = create_run(promote=True, started_by=request.user.get_username(), **options)
        self.log_change(request, version, f"a training from it: {run}")
        self.order(request, run_training, run.pk, done=gettext("%(run)s is queued.") % {"run": run})

    def _set_protected(self, request: HttpRequest, version: ModelVersion, *, to: bool) -> None:
        ModelVersion.objects.filter(pk=version.pk).update(is_protected=to)
        self.log_change(request, version, "protected" if to else "no longer protected")

    def _go_live(self, request: HttpRequest, change: Callable[[], ModelVersion], note: str) -> None:
        """Change which version is live; its history keeps who did it, and why."""
        version = change()
        self.log_change(request, version, note)
        self.message_user(request, _("%(version)s is live.") % {"version": version}, messages.SUCCESS)


def _promoted(version: ModelVersion, **options: Any) -> ModelVersion:
    promotion.promote(version, **options)
    return version


def _places() -> dict[str, Any]:
    """Whether a version is the live one, or the one before; unknown while Milvus is away."""
    try:
        live = vector_index.live_collection()
    except (VectorIndexUnavailable, VectorIndexInvalid):
        unknown = Value(None, output_field=BooleanField(null=True))
        return {"is_live": unknown, "is_previous": unknown}
    before = promotion.predecessor(live.version) if live else None
    return {"is_live": _is(live.version if live else -1), "is_previous": _is(before.number if before else -1)}


def _is(number: int) -> Case:
    return Case(When(number=number, then=Value(True)), default=Value(False), output_field=BooleanField())
