"""Merging duplicates in the operator's panel: the likely ones, what a merge would move, and the merge."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.duplicates import likely_duplicates
from catalog.merging import Merge, MergeRefused, merge_movies, plan_merge
from catalog.models import Movie, MovieQuerySet

MOST_AT_ONCE = 10
REASONS = {
    "title": gettext_lazy("same title and year"),
    "imdb_id": gettext_lazy("same IMDb ID"),
    "tmdb_id": gettext_lazy("same TMDB number"),
}


class MergeForm(forms.Form):
    """Which movies, and which of them is kept; without that, the most rated of those shown."""

    movies = forms.ModelMultipleChoiceField(Movie.objects.prefetch_related("genres"))
    kept = forms.IntegerField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        movies = sorted(cleaned.get("movies") or (), key=lambda movie: (movie.withdrawn, -movie.rating_count))
        if not 2 <= len(movies) <= MOST_AT_ONCE:
            raise forms.ValidationError(_("Select from two to %(most)d movies.") % {"most": MOST_AT_ONCE})
        named = [movie for movie in movies if movie.pk == cleaned.get("kept")]
        cleaned["kept"] = (named or movies)[0]
        cleaned["movies"] = movies
        return cleaned


class MergeMixin(admin.ModelAdmin):
    """Adds the pages to the list of movies."""

    def get_urls(self) -> list[URLPattern]:
        likely, merge = self.admin_site.admin_view(self.duplicates), self.admin_site.admin_view(self.merge)
        return [
            path("duplicates/", likely, name="catalog_movie_duplicates"),
            path("merge/", merge, name="catalog_movie_merge"),
            *super().get_urls(),
        ]

    @admin.action(description=gettext_lazy("Merge duplicates …"), permissions=["change"])
    def merge_selected(self, request: HttpRequest, movies: MovieQuerySet) -> HttpResponse | None:
        pks = list(movies.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if not 2 <= len(pks) <= MOST_AT_ONCE:
            text = _("Select from two to %(most)d movies.") % {"most": MOST_AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return None
        query = "&".join(f"movies={pk}" for pk in pks)
        return HttpResponseRedirect(f"{reverse('admin:catalog_movie_merge')}?{query}")

    def duplicates(self, request: HttpRequest) -> HttpResponse:
        self._refuse_unless_changer(request)
        groups, number = likely_duplicates()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Likely duplicates"),
            "opts": self.opts,
            "groups": [(REASONS[group.reason], group.movies) for group in groups],
            "number": number,
        }
        return render(request, "admin/catalog/movie/duplicates.html", context)

    def merge(self, request: HttpRequest) -> HttpResponse:
        """What would move, and with POST the merge itself."""
        self._refuse_unless_changer(request)
        form = MergeForm(request.POST if request.method == "POST" else request.GET)
        if not form.is_valid():
            self.message_user(
                request, " ".join(map(str, form.non_field_errors())) or _("No such movies."), messages.ERROR
            )
            return redirect("admin:catalog_movie_changelist")
        kept, movies = form.cleaned_data["kept"], form.cleaned_data["movies"]
        others = [movie for movie in movies if movie != kept]
        try:
            if request.method == "POST":
                return self._merge(request, kept, others)
            plans = [(movie, plan_merge(kept, movie)) for movie in others]
        except MergeRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:catalog_movie_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge duplicates"),
            "opts": self.opts,
            "kept": kept,
            "movies": movies,
            "plans": plans,
        }
        return render(request, "admin/catalog/movie/merge.html", context)

    def _merge(self, request: HttpRequest, kept: Movie, others: list[Movie]) -> HttpResponse:
        with transaction.atomic():
            merges = [self._merge_one(request, kept, duplicate) for duplicate in others]
        moved = sum(merge.ratings + merge.rated_both for merge in merges)
        text = ngettext(
            "%(movies)d movie merged into %(kept)s.", "%(movies)d movies merged into %(kept)s.", len(merges)
        )
        text = text % {"movies": len(merges), "kept": kept}
        self.message_user(request, f"{text} {_('Ratings moved: %d') % moved}", messages.SUCCESS)
        return redirect("admin:catalog_movie_change", kept.pk)

    def _merge_one(self, request: HttpRequest, kept: Movie, duplicate: Movie) -> Merge:
        merge = merge_movies(kept, duplicate)
        moved = (
            f"{merge.ratings} ratings moved, {merge.rated_both} people had rated both, {merge.marks} marks"
        )
        self.log_change(request, kept, f"merged {duplicate} (ID {duplicate.pk}) into it: {moved}")
        self.log_change(request, duplicate, f"merged into {kept} (ID {kept.pk}) and withdrawn: {moved}")
        return merge

    def _refuse_unless_changer(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied
