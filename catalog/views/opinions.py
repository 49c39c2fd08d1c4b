"""Rating and marking a movie: forms that post and come back, or fragments for htmx."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from catalog.forms import MarkForm, RatingForm
from catalog.models import Mark, Movie
from catalog.notices import Undo, notify
from catalog.opinions import opinion_of
from catalog.services import mark_movie, rate_movie, remove_rating, unmark_movie
from catalog.templatetags.movies import spoken_stars
from catalog.titles import parted_title
from catalog.views.access import MemberRequest, member_required, next_url


@require_POST
@member_required
def rate(request: MemberRequest, movie_id: int) -> HttpResponse:
    """Give the stars posted as `stars`; without any, take the rating back."""
    movie = get_object_or_404(Movie.objects.visible().for_cards(), pk=movie_id)
    form = RatingForm(request.POST)
    if not form.is_valid():
        raise BadRequest("stars must be empty or a number of half stars from 0.5 to 5")
    before = opinion_of(request.user, movie).stars
    stars = form.cleaned_data["stars"]
    if stars is None:
        remove_rating(request.user, movie)
    else:
        rate_movie(request.user, movie, stars=stars)
    if not request.htmx or form.cleaned_data["notify"]:
        _notify_of_rating(request, movie, before, stars)
    if not request.htmx:
        return _back(request, movie)
    context = {"movie": movie, "stars": stars, "removed": before if stars is None else None}
    context["notify"] = form.cleaned_data["notify"]
    return trigger_client_event(render(request, "movies/_rating_answer.html", context), "rated")


def _notify_of_rating(
    request: MemberRequest, movie: Movie, before: float | None, stars: float | None
) -> None:
    values = {"title": parted_title(movie.title)[0], "stars": "" if stars is None else spoken_stars(stars)}
    text = _("You gave %(title)s %(stars)s.") if stars else _("Your rating of %(title)s is removed.")
    undo = {"stars": "" if before is None else str(before)}
    notify(request, text % values, undo=Undo(reverse("movie-rate", args=[movie.pk]), undo))


@require_POST
@member_required
def mark(request: MemberRequest, movie_id: int) -> HttpResponse:
    """Put the movie on the user's list of `kind`, or take it off."""
    movie = get_object_or_404(Movie.objects.visible().for_cards(), pk=movie_id)
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise BadRequest("kind must be watchlist, hidden or unfinished")
    kind, on = Mark.Kind(form.cleaned_data["kind"]), form.cleaned_data["on"]
    (mark_movie if on else unmark_movie)(request.user, movie, kind=kind)
    if not request.htmx or form.cleaned_data["shape"] == "row":
        _notify_of_mark(request, movie, kind, on=on)
    if not request.htmx:
        return _back(request, movie)
    template = "movies/_mark_answer_row.html" if form.cleaned_data["shape"] == "row" else "movies/_marks.html"
    context = {"movie": movie, "opinion": opinion_of(request.user, movie), "kind": kind.value}
    return trigger_client_event(render(request, template, context), "marked")


def _notify_of_mark(request: MemberRequest, movie: Movie, kind: Mark.Kind, *, on: bool) -> None:
    texts = {
        (Mark.Kind.WATCHLIST, True): _("%(title)s is on your watchlist."),
        (Mark.Kind.WATCHLIST, False): _("%(title)s is off your watchlist."),
        (Mark.Kind.HIDDEN, True): _("%(title)s will not be recommended again."),
        (Mark.Kind.HIDDEN, False): _("%(title)s may be recommended again."),
        (Mark.Kind.UNFINISHED, True): _("Noted: you did not finish %(title)s."),
        (Mark.Kind.UNFINISHED, False): _("Taken back: you did finish %(title)s."),
    }
    undo = Undo(
        reverse("movie-mark", args=[movie.pk]), {"kind": kind.value, "on": "" if on else "1", "shape": "row"}
    )
    notify(request, texts[kind, on] % {"title": parted_title(movie.title)[0]}, undo=undo)


def _back(request: MemberRequest, movie: Movie) -> HttpResponseRedirect:
    return HttpResponseRedirect(next_url(request, default=movie.get_absolute_url()))
