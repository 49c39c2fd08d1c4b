"""Work on the index: compare, repair and rebuild by a worker, with what was found."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from recommendations.admin.base import REFUSALS, ReadOnlyAdmin
from recommendations.index_jobs import cancel_job, start_index_job
from recommendations.index_state import IndexState, index_state
from recommendations.live_model import NoActiveModel
from recommendations.models import IndexJob
from recommendations.panel.findings import findings_of
from recommendations.promotion import version_to_rebuild
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable


@admin.register(IndexJob)
class IndexJobAdmin(ReadOnlyAdmin):
    change_list_template = "admin/panel/index_jobs.html"
    change_form_template = "admin/panel/index_job.html"
    buttons = ("cancel",)
    list_display = ("id", "kind", "state", "created_at", "finished_at", "started_by", "found")
    list_filter = ("kind", "state")
    fields = (
        "kind",
        "state",
        "started_by",
        "model_version",
        "created_at",
        "started_at",
        "finished_at",
        "findings_table",
    )

    def get_urls(self) -> list[URLPattern]:
        order_job, live = self.admin_site.admin_view(self.order_job), self.admin_site.admin_view(self.live)
        return [
            path("order/<str:kind>/", order_job, name=self._url_name("order")),
            path("<int:pk>/live/", live, name=self._url_name("live")),
            *super().get_urls(),
        ]

    def order_job(self, request: HttpRequest, kind: str) -> HttpResponse:
        if request.method != "POST" or kind not in IndexJob.Kind.values:
            return HttpResponseNotAllowed(["POST"])
        if not self.may_operate(request):
            raise PermissionDenied
        try:
            job = self._started(kind, request.user.get_username())
        except REFUSALS as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:recommendations_indexjob_changelist"))
        self.log_addition(request, job, kind)
        return HttpResponseRedirect(self.url_of(job))

    def _started(self, kind: str, user_name: str) -> IndexJob:
        version = version_to_rebuild() if kind == IndexJob.Kind.REBUILD else None
        if kind == IndexJob.Kind.REBUILD and version is None:
            raise NoActiveModel(str(_("There is no model version to build an index of.")))
        return start_index_job(kind, version=version, started_by=user_name)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What changes while a job works, asked for by its page every two seconds."""
        job = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        return render(request, "admin/panel/_job.html", {"job": job})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        state, fault = _state()
        context = {
            "index_state": state,
            "index_fault": fault,
            "kinds": [(kind.value, kind.label) for kind in IndexJob.Kind],
            "may_operate": self.may_operate(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"job": self.get_object(request, object_id), "may_operate": self.may_operate(request)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def cancel(self, request: HttpRequest, job: IndexJob) -> None:
        cancel_job(job)
        self.log_change(request, job, "cancelled")
        self.message_user(request, _("The job is cancelled; what was live stays live."), messages.SUCCESS)

    @admin.display(description=_("found"))
    def found(self, job: IndexJob) -> str:
        return ", ".join(f"{name} {part['count']}" for name, part in job.findings.items()) or "–"

    @admin.display(description=_("findings"))
    def findings_table(self, job: IndexJob) -> SafeString:
        return render_to_string("admin/panel/_findings.html", {"parts": findings_of(job)})


def _state() -> tuple[IndexState | None, str]:
    try:
        return index_state(), ""
    except (VectorIndexUnavailable, VectorIndexInvalid) as error:
        return None, str(error)
