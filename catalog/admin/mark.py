from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.admin.long_tables import LongTableAdmin
from catalog.models import Mark


@admin.register(Mark)
class MarkAdmin(LongTableAdmin):
    list_display = ("user", "movie", "kind", "created_at")
    list_filter = ("kind",)
    list_prefetch_related = ("user", "movie")
    search_fields = ("user__username__exact", "movie__search_title")
    search_help_text = _("Name of a user, or words of a title")
    autocomplete_fields = ("user", "movie")
