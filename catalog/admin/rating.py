from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.admin.pagination import BoundedPaginator
from catalog.models import Rating


@admin.register(Rating)
class RatingAdmin(admin.ModelAdmin):
    list_display = ("user", "movie", "stars", "rated_at")
    list_select_related = ("user", "movie")
    search_fields = ("user__username__exact",)
    search_help_text = _("Name of a user")
    autocomplete_fields = ("user", "movie")
    ordering = ("-id",)
    paginator = BoundedPaginator
    show_full_result_count = False
