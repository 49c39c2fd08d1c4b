"""The taste picker after sign-up: rate a few well-known movies."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from catalog.models import Rating
from catalog.taste import ENOUGH, movies_to_rate
from catalog.views.access import MemberRequest, member_required

SHOWN = 18  # movies without an answer on the page
UNSEEN = "unseen_movies"  # the key in the session
MOST_UNSEEN = 300  # the latest of them are remembered


@member_required
def taste(request: MemberRequest) -> HttpResponse:
    """The page; to htmx as many further movies as answers left room for."""
    if request.method == "POST":
        return _note_unseen(request)
    if request.htmx and "shown" in request.GET:
        shown = _numbers(request.GET.getlist("shown"))
        answered = Rating.objects.of(request.user).filter(movie_id__in=shown).count()
        return _cards(request, shown, SHOWN - len(shown) + answered)
    rated = Rating.objects.of(request.user).count()
    context = {
        "movies": movies_to_rate(request.user, limit=SHOWN, unseen=_unseen(request)),
        "rated": rated,
        "enough": ENOUGH,
        "missing": max(0, ENOUGH - rated),
        "steps": [step < rated for step in range(ENOUGH)],
    }
    return render(request, "accounts/taste.html", context)


def _note_unseen(request: MemberRequest) -> HttpResponse:
    """The movie `unseen` was not seen, or none of those `shown`: ask about others instead."""
    shown = _numbers(request.POST.getlist("shown"))
    unseen = _numbers(request.POST.getlist("unseen")) or shown
    request.session[UNSEEN] = list(dict.fromkeys([*_unseen(request), *unseen]))[-MOST_UNSEEN:]
    if request.htmx:
        return _cards(request, shown, len(unseen), focus=True)
    return redirect("taste")


def _cards(request: MemberRequest, shown: list[int], limit: int, *, focus: bool = False) -> HttpResponse:
    movies = movies_to_rate(request.user, limit=max(0, limit), unseen=_unseen(request), shown=shown)
    return render(request, "accounts/_taste_cards.html", {"movies": movies, "focus": focus})


def _unseen(request: MemberRequest) -> list[int]:
    found: list[int] = request.session.get(UNSEEN, [])
    return found


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:MOST_UNSEEN] if text.isascii() and text.isdigit() and len(text) < 19]
