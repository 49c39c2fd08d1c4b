"""Lists as they were served: what somebody saw, and why."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.cards import movie_cards
from catalog.models import Rating
from recommendations.admin.base import ReadOnlyAdmin, table
from recommendations.models import ServedList


@admin.register(ServedList)
class ServedListAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "source", "model_version", "arm", "length")
    list_filter = ("source", "arm", "created_at")
    list_select_related = ("user",)
    search_fields = ("=id", "user__username__exact")
    search_help_text = _("list_id, or name of a user")
    show_full_result_count = False
    fields = (
        "id",
        "user",
        "source",
        "model_version",
        "experiment",
        "arm",
        "created_at",
        "request_table",
        "movies",
    )

    @admin.display(description=_("length"))
    def length(self, served: ServedList) -> int:
        return len(served.movie_ids)

    @admin.display(description=_("request"))
    def request_table(self, served: ServedList) -> SafeString:
        return table(served.request)

    @admin.display(description=_("movies"))
    def movies(self, served: ServedList) -> SafeString:
        """Place, movie, score and what brought it up; withdrawn or deleted movies by their ID."""
        return render_to_string("admin/panel/_served_movies.html", {"rows": served_rows(served)})


def served_rows(served: ServedList) -> list[dict[str, object]]:
    traces = served.trace or [{} for _movie in served.movie_ids]
    named = {movie_id for trace in traces for movie_id in trace.get("because", [])}
    cards = {card.id: card for card in movie_cards([*served.movie_ids, *sorted(named)])}
    rated = (
        Rating.objects.filter(user=served.user_id, movie__in=named)
        if served.user_id
        else Rating.objects.none()
    )
    stars = dict(rated.values_list("movie_id", "stars"))
    return [
        {
            "id": movie_id,
            "card": cards.get(movie_id),
            "score": trace.get("score"),
            "predicted": trace.get("predicted"),
            "reasons": [
                {"title": str(cards[i]), "stars": stars.get(i)}
                for i in trace.get("because", [])
                if i in cards
            ],
        }
        for movie_id, trace in zip(served.movie_ids, traces, strict=True)
    ]
