"""One change of many movies in the operator's panel, previewed before it is made."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.bulk_edit import Change, Edit, apply_edit, plan_edit
from catalog.models import Genre, Movie, MovieQuerySet

MOST_AT_ONCE = 1_000
SHOWN = 100  # changes in the preview
STATES = [
    ("", gettext_lazy("as it is")),
    ("withdraw", gettext_lazy("withdrawn")),
    ("restore", gettext_lazy("shown")),
]


class BulkEditForm(forms.Form):
    add_genres = forms.ModelMultipleChoiceField(
        Genre.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Add genres"),
    )
    remove_genres = forms.ModelMultipleChoiceField(
        Genre.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Remove genres"),
    )
    year = forms.IntegerField(required=False, min_value=1870, max_value=2200, label=gettext_lazy("Year"))
    state = forms.ChoiceField(choices=STATES, required=False, label=gettext_lazy("State"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if set(cleaned.get("add_genres") or ()) & set(cleaned.get("remove_genres") or ()):
            raise forms.ValidationError(_("A genre cannot be both added and removed."))
        return cleaned

    @property
    def edit(self) -> Edit:
        """Of a valid form."""
        asked = self.cleaned_data
        withdrawn = {"withdraw": True, "restore": False}.get(asked["state"])
        return Edit(list(asked["add_genres"]), list(asked["remove_genres"]), asked["year"], withdrawn)


class BulkEditMixin(admin.ModelAdmin):
    """Adds the action and its page to the list of movies."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.bulk_edit)
        return [path("bulk-edit/", view, name="catalog_movie_bulk_edit"), *super().get_urls()]

    @admin.action(description=gettext_lazy("Edit together …"), permissions=["change"])
    def edit_together(self, request: HttpRequest, movies: MovieQuerySet) -> HttpResponse | None:
        pks = list(movies.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(pks) > MOST_AT_ONCE:
            text = _("Select at most %(most)d movies.") % {"most": MOST_AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return None
        return self._page(request, pks, BulkEditForm())

    def bulk_edit(self, request: HttpRequest) -> HttpResponse:
        """The preview of a change, or with `apply` the change."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        pks = [int(pk) for pk in request.POST.get("pks", "").split(",") if pk.isdecimal()][:MOST_AT_ONCE]
        form = BulkEditForm(request.POST)
        if not form.is_valid() or not form.edit:
            return self._page(request, pks, form)
        with transaction.atomic():
            movies = Movie.objects.filter(pk__in=pks).order_by("pk").prefetch_related("genres")
            changes = plan_edit(movies, form.edit)
            if "apply" not in request.POST:
                return self._page(request, pks, form, changes=changes)
            for change in changes:
                self.log_change(request, change.movie, change.words)
            apply_edit(changes)
        text = ngettext("%(number)d movie changed.", "%(number)d movies changed.", len(changes))
        self.message_user(request, text % {"number": len(changes)}, messages.SUCCESS)
        return redirect("admin:catalog_movie_changelist")

    def _page(
        self, request: HttpRequest, pks: list[int], form: BulkEditForm, *, changes: list[Change] | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Edit movies together"),
            "opts": self.opts,
            "form": form,
            "pks": ",".join(map(str, pks)),
            "number": len(pks),
            "changes": changes,
            "shown": (changes or [])[:SHOWN],
        }
        return render(request, "admin/catalog/movie/bulk_edit.html", context)
