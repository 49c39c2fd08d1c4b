"""The map of URLs."""

from django.contrib import admin
from django.urls import include, path

from movierec import health

handler500 = "movierec.faults.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("movierec.api_urls")),
    path("accounts/", include("catalog.account_urls")),
    path("movies/", include("catalog.urls")),
    path("", include("recommendations.urls")),
]
