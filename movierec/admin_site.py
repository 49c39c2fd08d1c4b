"""The operator's panel: Django's admin under movierec's name."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class MovierecAdminSite(AdminSite):
    site_header = "movierec"
    site_title = "movierec"
    index_title = "Operator's panel"


class MovierecAdminConfig(AdminConfig):
    default_site = "movierec.admin_site.MovierecAdminSite"

    def ready(self) -> None:
        super().ready()
        from movierec import checks  # noqa: F401  (registers them)
