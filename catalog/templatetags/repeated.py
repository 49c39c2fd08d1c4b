"""What pages repeat: a movie's card, of which some have 150, its star buttons and those of its marks.

In Python, since the template language takes several times as long for them:
docs/adr/0052-repeated-parts-in-python.md has the figures.
"""

from html import escape
from typing import Any
from uuid import UUID

from django import template
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.cards import MovieCard
from catalog.models import Mark, Movie
from catalog.models.rating import STARS
from catalog.opinions import Opinion
from catalog.templatetags.movies import here, icon, main_title, poster, spoken_stars, sprite, starred

register = template.Library()

LABELS = {
    Mark.Kind.WATCHLIST: gettext_lazy("Watchlist"),
    Mark.Kind.HIDDEN: gettext_lazy("Not interested"),
    Mark.Kind.UNFINISHED: gettext_lazy("Did not finish"),
}
ICONS = {  # without and with the mark
    Mark.Kind.WATCHLIST: ("bookmark", "bookmark-check"),
    Mark.Kind.HIDDEN: ("eye-off", "eye-off"),
    Mark.Kind.UNFINISHED: ("flag", "flag"),
}
IN_ROWS = (Mark.Kind.WATCHLIST, Mark.Kind.HIDDEN)


@register.simple_tag
def card(
    movie: Movie | MovieCard,
    *,
    opinion: Opinion | None = None,
    predicted: float | None = None,
    list_id: UUID | None = None,
) -> SafeString:
    """Poster, title, year and stars: the reader's own, else the `predicted` ones, else the mean.

    `list_id` is that of the served list that the card stands on.
    """
    address = f"{movie.get_absolute_url()}?list={list_id}" if list_id else movie.get_absolute_url()
    title = escape(main_title(movie.display_title))
    year = f"<span>{movie.year}</span>" if movie.year else ""
    mark = _figure("marked", "bookmark-check", _("On your watchlist")) if _is_marked(opinion) else ""
    return mark_safe(  # noqa: S308 - titles and labels are escaped, the rest is numbers and drawings
        f'<article class="card"><a class="card-link" href="{address}">{poster(movie)}'
        f'<h3 class="card-title">{title}</h3></a>'
        f'<p class="card-meta">{year}{_stars(movie, opinion, predicted)}{mark}</p></article>'
    )


def _stars(movie: Movie | MovieCard, opinion: Opinion | None, predicted: float | None) -> str:
    if opinion and opinion.stars:
        return _figure("mine", "star", _("Your rating:"), starred(opinion.stars))
    if predicted:
        hint = f' title="{escape(_("How we think you will rate it"))}"'
        return _figure("predicted", "sparkles", _("Predicted for you:"), floatformat(predicted, 1), hint)
    if movie.rating_mean:
        return _figure("average", "star", _("Average:"), floatformat(movie.rating_mean, 1))
    return ""


def _figure(name: str, drawing: str, label: str, figure: str = "", hint: str = "") -> str:
    spoken = f'<span class="visually-hidden">{escape(label)}</span>'
    return f'<span class="{name}"{hint}>{icon(drawing)}{spoken}{figure}</span>'


def _is_marked(opinion: Opinion | None) -> bool:
    return opinion is not None and opinion.on_watchlist


@register.simple_tag
def half_stars(movie_id: int, stars: float | None = None) -> SafeString:
    """A radio button for each half star, that of `stars` checked."""
    address = sprite("star")
    return mark_safe(  # noqa: S308 - numbers, an address of ours and escaped labels
        "".join(
            f'<label class="half">'
            f'<input type="radio" name="stars" id="stars-{movie_id}-{place}" value="{half}"'
            f"{' checked' if half == stars else ''}>"
            f'<svg viewBox="{0 if place % 2 else 12} 0 12 24" aria-hidden="true" focusable="false">'
            f'<use href="{address}" width="24" height="24"/></svg>'
            f'<span class="visually-hidden">{escape(spoken_stars(half))}</span></label>'
            for place, half in enumerate(STARS, 1)
        )
    )


@register.simple_tag(takes_context=True)
def marks(
    context: template.Context,
    movie: Movie | MovieCard,
    *,
    opinion: Opinion | None = None,
    list_id: UUID | None = None,
    in_row: bool = False,
) -> SafeString:
    """Buttons for the watchlist, against being interested and, outside of rows, for what was not finished."""
    fields = {"csrfmiddlewaretoken": context["csrf_token"], "next": here(context)}
    fields |= ({"shape": "row"} if in_row else {}) | ({"list": list_id} if list_id else {})
    kinds = opinion.kinds if opinion else frozenset()
    spoken = f'<span class="visually-hidden">: {escape(movie.display_title)}</span>' if in_row else ""
    forms = "".join(
        _mark_form(movie.pk, kind, fields, spoken, on=kind in kinds)
        for kind in (IN_ROWS if in_row else Mark.Kind)
    )
    return mark_safe(f'<div class="marks" id="marks-{movie.pk}">{forms}</div>')  # noqa: S308 - as for cards


def _mark_form(movie_id: int, kind: Mark.Kind, fields: dict[str, Any], spoken: str, *, on: bool) -> str:
    address, label = reverse("movie-mark", args=[movie_id]), escape(str(LABELS[kind]))
    target = "closest .pick" if "shape" in fields and kind == Mark.Kind.HIDDEN else f"#marks-{movie_id}"
    sent = fields | {"kind": kind.value} | ({} if on else {"on": "1"})
    hidden = "".join(f'<input type="hidden" name="{n}" value="{escape(str(v))}">' for n, v in sent.items())
    return (
        f'<form method="post" action="{address}" hx-post="{address}" hx-swap="outerHTML" '
        f'hx-target="{target}">{hidden}'
        f'<button class="mark" type="submit" id="mark-{kind.value}-{movie_id}" title="{label}" '
        f'aria-pressed="{"true" if on else "false"}">{icon(ICONS[kind][on])}'
        f'<span class="mark-label">{label}</span>{spoken}</button></form>'
    )
