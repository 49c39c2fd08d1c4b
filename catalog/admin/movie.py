from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX

from catalog.admin.movie_bulk_edit import BulkEditMixin
from catalog.admin.movie_merge import MergeMixin
from catalog.admin.movie_resource import MovieResource
from catalog.models import Movie, MovieQuerySet

DECADES = range(2020, 1890, -10)


class DecadeFilter(admin.SimpleListFilter):
    title = _("decade")
    parameter_name = "decade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(decade), f"{decade}–{decade + 9}") for decade in DECADES] + [
            ("none", gettext("no year"))
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> MovieQuerySet:
        value = self.value()
        if value == "none":
            return queryset.filter(year=None)
        if value is None or not value.isdecimal():
            return queryset
        return queryset.released(int(value), int(value) + 9)


@admin.register(Movie)
class MovieAdmin(MergeMixin, BulkEditMixin, ImportExportModelAdmin):
    import_export_change_list_template = "admin/catalog/movie/change_list.html"
    list_display = ("display_title", "year", "genre_names", "rating_count", "mean", "withdrawn")
    list_filter = ("withdrawn", DecadeFilter, "genres")
    list_per_page = 50
    search_fields = ("search_title",)
    search_help_text = _("Words of the title; or a number: ours, MovieLens' or TMDB's; or an IMDb ID")
    autocomplete_fields = ("genres",)
    readonly_fields = ("rating_count", "mean", "created_at", "updated_at")
    ordering = ("-rating_count", "id")
    actions = ("edit_together", "merge_selected", "withdraw", "restore")
    resource_classes = [MovieResource]
    formats = [CSV, XLSX]
    export_template_name = "admin/catalog/movie/export.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Movie]:
        return super().get_queryset(request).prefetch_related("genres")

    def save_model(self, request: HttpRequest, movie: Movie, form: ModelForm, change: bool) -> None:
        if change:
            movie.save_edited([name for name in form.changed_data if name != "genres"])
        else:
            movie.save()

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Files create movies and change them; the library would let in all staff."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_search_results(  # type: ignore[override]
        self, request: HttpRequest, queryset: MovieQuerySet, search_term: str
    ) -> tuple[MovieQuerySet, bool]:
        found = queryset.matching(search_term)
        if search_term.isdecimal() and len(search_term) < 19:
            number = int(search_term)
            found = (
                found
                | queryset.filter(pk=number)
                | queryset.filter(movielens_id=number)
                | queryset.filter(tmdb_id=number)
            )
        elif search_term.startswith("tt"):
            found = found | queryset.filter(imdb_id=search_term)
        return found, False

    @admin.display(description=_("title"), ordering="search_title")
    def display_title(self, movie: Movie) -> str:
        return movie.display_title

    @admin.display(description=_("genres"))
    def genre_names(self, movie: Movie) -> str:
        return ", ".join(genre.name for genre in movie.genres.all())

    @admin.display(description=_("mean rating"), ordering="rating_mean")
    def mean(self, movie: Movie) -> str:
        return "–" if movie.rating_mean is None else f"{movie.rating_mean:.2f}"

    @admin.action(description=_("Withdraw: show to nobody"), permissions=["change"])
    def withdraw(self, request: HttpRequest, movies: MovieQuerySet) -> None:
        number = self._set_withdrawn(request, movies, True)
        text = ngettext("%(number)d movie withdrawn.", "%(number)d movies withdrawn.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)

    @admin.action(description=_("Restore: show again"), permissions=["change"])
    def restore(self, request: HttpRequest, movies: MovieQuerySet) -> None:
        number = self._set_withdrawn(request, movies, False)
        text = ngettext("%(number)d movie restored.", "%(number)d movies restored.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)

    def _set_withdrawn(self, request: HttpRequest, movies: MovieQuerySet, withdrawn: bool) -> int:
        changed = movies.filter(withdrawn=not withdrawn)
        with transaction.atomic():
            LogEntry.objects.log_actions(
                str(request.user.pk), changed, CHANGE, "withdrawn" if withdrawn else "restored"
            )
            return changed.update(withdrawn=withdrawn)
