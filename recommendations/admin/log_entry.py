"""Who changed what in the panel, and over the API: for reading only."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from catalog.admin.long_tables import LongTableAdmin
from recommendations.admin.base import ReadOnlyAdmin


@admin.register(LogEntry)
class LogEntryAdmin(LongTableAdmin, ReadOnlyAdmin):
    list_display = ("action_time", "user", "action_flag", "content_type", "object_repr", "message")
    list_filter = ("action_flag", ("content_type", admin.RelatedOnlyFieldListFilter))
    list_prefetch_related = ("user", "content_type")
    search_fields = ("object_repr", "user__username__exact")
    search_help_text = _("Name of what was changed, or of a user")
    date_hierarchy = "action_time"
    ordering = ("-action_time",)

    @admin.display(description=_("change"))
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message()
