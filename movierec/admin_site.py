"""The operator's panel: Django's admin under movierec's name, with a dashboard on its first page."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _


class MovierecAdminSite(AdminSite):
    site_header = "movierec"
    site_title = "movierec"
    index_title = _("Operator's panel")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from recommendations.panel.dashboard import dashboard  # needs the models, which are not there yet

        context = dict(extra_context or {})
        if request.user.has_perm("recommendations.view_modelversion"):
            context["dashboard"] = dashboard()
        return super().index(request, context)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """As on the site, guesses are counted."""
        from catalog.throttling import note_failure, refusal, too_many_failures  # needs the models

        if request.method != "POST":
            return super().login(request, extra_context)
        if too_many_failures(request):
            return refusal(request)
        answer = super().login(request, extra_context)
        if answer.status_code == 200:  # the form once more
            note_failure(request)
        return answer


class MovierecAdminConfig(AdminConfig):
    default_site = "movierec.admin_site.MovierecAdminSite"

    def ready(self) -> None:
        super().ready()
        from movierec import checks  # noqa: F401  (registers them)
