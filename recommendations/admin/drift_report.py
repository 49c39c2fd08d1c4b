"""Reports of drift: the latest in words with its history, and a check at once."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.admin.base import ReadOnlyAdmin
from recommendations.models import DriftReport
from recommendations.panel.drift import drift_rows, latest_reports
from recommendations.tasks import check_drift


@admin.register(DriftReport)
class DriftReportAdmin(ReadOnlyAdmin):
    change_list_template = "admin/panel/drift_reports.html"
    change_form_template = "admin/panel/styled_form.html"
    list_display = ("created_at", "model_version", "beyond")
    list_filter = ("model_version",)
    fields = ("created_at", "model_version", "measures_table")

    def get_urls(self) -> list[URLPattern]:
        check = self.admin_site.admin_view(self.check_now)
        return [path("check/", check, name=self._url_name("check")), *super().get_urls()]

    def check_now(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.may_operate(request):
            raise PermissionDenied
        done = gettext("A worker measures; load this page again in a moment.")
        self.order(request, check_drift, done=done)
        return HttpResponseRedirect(reverse("admin:recommendations_driftreport_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        history = latest_reports()
        context = {
            "report": history[0] if history else None,
            "rows": drift_rows(history[0], history) if history else [],
            "may_operate": self.may_operate(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description=_("beyond their limit"))
    def beyond(self, report: DriftReport) -> str:
        return ", ".join(report.alerts) or "–"

    @admin.display(description=_("measures"))
    def measures_table(self, report: DriftReport) -> SafeString:
        return render_to_string("admin/panel/_drift.html", {"rows": drift_rows(report)})
