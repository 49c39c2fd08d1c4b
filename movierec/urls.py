"""The map of URLs."""

from django.contrib import admin
from django.urls import include, path, register_converter

from movierec import health
from movierec.converters import IdConverter
from movierec.favicon import favicon

register_converter(IdConverter, "id")

handler400 = "movierec.fault_views.bad_request"
handler403 = "movierec.fault_views.permission_denied"
handler404 = "movierec.fault_views.page_not_found"
handler500 = "movierec.fault_views.server_error"

urlpatterns = [
    path("api/", include("movierec.api_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("favicon.ico", favicon, name="favicon"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("catalog.account_urls")),
    path("movies/", include("catalog.urls")),
    path("", include("recommendations.urls")),
]
