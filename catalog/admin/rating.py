from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.long_tables import LongTableAdmin
from catalog.models import Rating


@admin.register(Rating)
class RatingAdmin(LongTableAdmin):
    list_display = ("user", "movie", "stars", "rated_at")
    list_prefetch_related = ("user", "movie")
    search_fields = ("user__username__exact",)
    search_help_text = _("Name of a user")
    autocomplete_fields = ("user", "movie")

    def get_readonly_fields(self, request: HttpRequest, rating: Rating | None = None) -> tuple[str, ...]:
        """Whose rating it is, and of which movie, is for ever; another would be another rating."""
        return ("user", "movie") if rating else ()
