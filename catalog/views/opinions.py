"""Rating and marking a movie: forms that post and come back, or fragments for htmx."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from catalog.forms import MarkForm, RatingForm, UndoForm
from catalog.list_events import HIDDEN, hand_on, list_id_in
from catalog.models import Mark, Movie
from catalog.notices import Undo, notify
from catalog.opinions import Opinion, opinion_of
from catalog.services import mark_movie, rate_movie, remove_rating, unmark_movie
from catalog.templatetags.movies import spoken_stars
from catalog.titles import parted_title
from catalog.views.access import MemberRequest, member_required, next_url


@require_POST
@member_required
def rate(request: MemberRequest, movie_id: int) -> HttpResponse:
    """Give the stars posted as `stars`; without any, take the rating back."""
    movie = get_object_or_404(Movie.objects.visible().for_cards(), pk=movie_id)
    form, restored = RatingForm(request.POST), UndoForm(request.GET)
    if not form.is_valid() or not restored.is_valid():
        raise BadRequest("stars must be empty or a number of half stars from 0.5 to 5")
    before = opinion_of(request.user, movie)
    stars = form.cleaned_data["stars"]
    if stars is None:
        remove_rating(request.user, movie)
    else:
        rate_movie(request.user, movie, stars=stars, rated_at=restored.cleaned_data["rated_at"])
    _restore_watchlist(request, movie, restored)
    undo = Undo(undo_url("movie-rate", movie, before), {"stars": _as_field(before.stars)})
    if (stars or before.stars) and (not request.htmx or form.cleaned_data["notify"]):
        _notify_of_rating(request, movie, stars, undo)
    if not request.htmx:
        return _back(request, movie)
    context = {"movie": movie, "stars": stars, "removed": before.stars if stars is None else None}
    context |= {"notify": form.cleaned_data["notify"], "undo": undo}
    return trigger_client_event(render(request, "movies/_rating_answer.html", context), "rated")


def _notify_of_rating(request: MemberRequest, movie: Movie, stars: float | None, undo: Undo) -> None:
    values = {"title": parted_title(movie.title)[0], "stars": "" if stars is None else spoken_stars(stars)}
    text = _("You gave %(title)s %(stars)s.") if stars else _("Your rating of %(title)s is removed.")
    notify(request, text % values, undo=undo)


@require_POST
@member_required
def mark(request: MemberRequest, movie_id: int) -> HttpResponse:
    """Put the movie on the user's list of `kind`, or take it off."""
    movie = get_object_or_404(Movie.objects.visible().for_cards(), pk=movie_id)
    form, restored = MarkForm(request.POST), UndoForm(request.GET)
    if not form.is_valid() or not restored.is_valid():
        raise BadRequest("kind must be watchlist, hidden or unfinished")
    kind, on = Mark.Kind(form.cleaned_data["kind"]), form.cleaned_data["on"]
    before = opinion_of(request.user, movie)
    list_id = list_id_in(request.POST.get("list", ""))
    (mark_movie if on else unmark_movie)(request.user, movie, kind=kind)
    if on and kind == Mark.Kind.HIDDEN:
        hand_on(request.user, movie, list_id=list_id, event=HIDDEN)
    _restore_watchlist(request, movie, restored)
    if not request.htmx or form.cleaned_data["shape"] == "row" or kind == Mark.Kind.UNFINISHED:
        _notify_of_mark(request, movie, kind, before, on=on)
    if not request.htmx:
        return _back(request, movie)
    template = (
        "movies/_mark_answer_row.html" if form.cleaned_data["shape"] == "row" else "movies/_mark_answer.html"
    )
    context = {"movie": movie, "opinion": opinion_of(request.user, movie), "kind": kind.value}
    context["list_id"] = list_id
    return trigger_client_event(render(request, template, context), "marked")


def _notify_of_mark(
    request: MemberRequest, movie: Movie, kind: Mark.Kind, before: Opinion, *, on: bool
) -> None:
    texts = {
        (Mark.Kind.WATCHLIST, True): _("%(title)s is on your watchlist."),
        (Mark.Kind.WATCHLIST, False): _("%(title)s is off your watchlist."),
        (Mark.Kind.HIDDEN, True): _("%(title)s will not be recommended again."),
        (Mark.Kind.HIDDEN, False): _("%(title)s may be recommended again."),
        (Mark.Kind.UNFINISHED, True): _("Noted: you did not finish %(title)s. You get fewer movies like it."),
        (Mark.Kind.UNFINISHED, False): _("Taken back: you did finish %(title)s."),
    }
    fields = {"kind": kind.value, "on": "" if on else "1", "shape": "row"}
    undo = Undo(undo_url("movie-mark", movie, before), fields)
    notify(request, texts[kind, on] % {"title": parted_title(movie.title)[0]}, undo=undo)


def undo_url(view: str, movie: Movie, before: Opinion) -> str:
    """Of `view` for what makes the opinion of `movie` again what it was."""
    restored = {"watchlist": "1"} if before.on_watchlist else {}
    if before.rated_at:
        restored["rated_at"] = before.rated_at.isoformat()
    return reverse(view, args=[movie.pk], query=restored)


def _restore_watchlist(request: MemberRequest, movie: Movie, restored: UndoForm) -> None:
    if restored.cleaned_data["watchlist"]:
        mark_movie(request.user, movie, kind=Mark.Kind.WATCHLIST)


def _as_field(stars: float | None) -> str:
    return "" if stars is None else str(stars)


def _back(request: MemberRequest, movie: Movie) -> HttpResponseRedirect:
    return HttpResponseRedirect(next_url(request, default=movie.get_absolute_url()))
