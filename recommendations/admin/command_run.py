"""What management commands changed, and who ran them: for reading only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.admin.long_tables import BoundedPaginator
from catalog.models import CommandRun
from recommendations.admin.base import ReadOnlyAdmin


@admin.register(CommandRun)
class CommandRunAdmin(ReadOnlyAdmin):
    list_display = ("ended_at", "command", "account", "options", "succeeded")
    list_filter = ("command",)
    search_fields = ("command", "account__exact")
    date_hierarchy = "ended_at"
    paginator = BoundedPaginator
    show_full_result_count = False

    @admin.display(description=_("succeeded"), boolean=True)
    def succeeded(self, run: CommandRun) -> bool:
        return not run.failure
