"""Template tags of the site: posters, icons, genres' names in the reader's language, stars."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from catalog.cards import MovieCard, address_of
from catalog.genre_names import translated_genre
from catalog.models import Movie
from catalog.notices import Undo
from catalog.posters import draw_poster
from catalog.titles import parts_for

register = template.Library()


@register.simple_tag
def poster(movie: Movie | MovieCard) -> SafeString:
    """The movie's poster as inline SVG; its caption says the same, so it is hidden from screen readers."""
    drawing = draw_poster(movie.display_title, movie.year, tuple(genre.name for genre in movie.genres.all()))
    svg = f'<svg class="poster" viewBox="0 0 200 300" aria-hidden="true" focusable="false">{drawing}</svg>'
    return mark_safe(svg)  # noqa: S308 - draw_poster escapes the title


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of static/icons/sprite.svg."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', sprite(name))


def sprite(name: str) -> str:
    """The address of an icon."""
    return f"{staticfiles_storage.url('icons/sprite.svg')}#{name}"


@register.simple_tag(takes_context=True)
def here(context: template.Context) -> str:
    """Path and query of the page that the reader is on, also while htmx fetches a part of it."""
    request = context["request"]
    current: str | None = request.htmx.current_url_abs_path if getattr(request, "htmx", None) else None
    return current or request.get_full_path()


@register.simple_tag
def popular_movies(limit: int) -> list[Movie]:
    return list(Movie.objects.visible().popular().for_cards()[:limit])


@register.filter
def movie_url(movie_id: int) -> str:
    return address_of(movie_id)


@register.filter
def main_title(title: str) -> str:
    """Without another title in brackets; of the two the one in the reader's language, if that can be told."""
    return parts_for(get_language() or "", title)[0]


@register.filter
def other_title(title: str) -> str:
    """The other title in brackets, or nothing."""
    return parts_for(get_language() or "", title)[1]


@register.filter
def genre_name(name: str) -> str:
    return translated_genre(str(name))


@register.filter
def of(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`{{ my_stars|of:movie.pk }}`: the value under `key`, or None."""
    return mapping.get(key) if mapping else None


@register.filter
def starred(stars: float | None) -> str:
    """Stars in figures: 4, 3½, ½."""
    if stars is None:
        return ""
    whole, half = divmod(stars, 1)
    return f"{int(whole) if whole or not half else ''}{'½' if half else ''}"


@register.filter
def spoken_stars(stars: float) -> str:
    """Stars in words, for screen readers: "3½ stars"."""
    if stars == 0.5:
        return gettext("half a star")
    return ngettext("%(stars)s star", "%(stars)s stars", 1 if stars == 1 else 2) % {"stars": starred(stars)}


@register.filter
def undo(message: Message) -> Undo | None:
    """What a message offers to take back, if it does."""
    return Undo.from_tag(message.extra_tags)
