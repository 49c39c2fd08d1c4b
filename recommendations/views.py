"""Home and the personal list."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.models import Influence, Movie, Rating
from catalog.notices import Undo, notify
from catalog.opinions import opinions_of
from catalog.paging import page_numbers, page_of
from catalog.services import weigh_rating
from catalog.titles import parted_title
from catalog.views.access import MemberRequest, member_required, next_url
from recommendations.forms import MOST, STEP, ListForm, WeightForm
from recommendations.home import PICKED, keep_shown, picks, rows_for, rows_for_visitor
from recommendations.serving import recommend
from recommendations.why import why

WEIGHED = {
    "1": _("Your rating of %(title)s counts fully again."),
    "0.5": _("Your rating of %(title)s counts half. Your list is computed anew."),
    "0": _("Your rating of %(title)s no longer counts for recommendations. Your list is computed anew."),
}


def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "home/visitor.html", {"rows": rows_for_visitor()})
    answer = picks(request.user)
    picked, rows = answer.results[:PICKED], rows_for(request.user, answer)
    keep_shown(request.user, answer, rows)
    context = {
        "answer": answer,
        "picked": picked,
        "opinions": opinions_of(request.user, (found.movie.id for found in picked[:1])),
        "rows": rows,
    }
    return render(request, "home/member.html", context)


@member_required
def personal_list(request: MemberRequest) -> HttpResponse:
    form = ListForm(request.GET or None)
    wanted = form.list_request()
    answer = recommend(request.user, wanted)
    more = wanted.limit + STEP if len(answer.results) == wanted.limit < MOST else None
    context = {
        "form": form,
        "answer": answer,
        "opinions": opinions_of(request.user, (found.movie.id for found in answer.results)),
        "more": more and min(more, MOST),
        "next_place": wanted.limit + 1,
    }
    return render(request, "recommendations/list.html", context)


@member_required
def why_page(request: MemberRequest, movie_id: int) -> HttpResponse:
    movie = get_object_or_404(Movie.objects.visible().for_cards(), pk=movie_id)
    return render(request, "recommendations/why.html", {"why": why(request.user, movie)})


@member_required
def less_used(request: MemberRequest) -> HttpResponse:
    """The ratings that count less than the others, latest first."""
    influences = Influence.objects.filter(rating__user=request.user, rating__movie__withdrawn=False)
    page = page_of(influences.select_related("rating__movie").order_by("-created_at", "pk"), request, size=50)
    return render(request, "recommendations/less_used.html", {"page": page, "pages": page_numbers(page)})


@require_POST
@member_required
def weigh(request: MemberRequest, movie_id: int) -> HttpResponse:
    """Let one's rating of a movie count as much as `weight` says: 1, 0.5 or 0."""
    rating = get_object_or_404(Rating.objects.of(request.user).select_related("movie"), movie_id=movie_id)
    form = WeightForm(request.POST)
    if not form.is_valid():
        raise BadRequest("weight must be 1, 0.5 or 0")
    weight = form.cleaned_data["weight"]
    before = weigh_rating(rating, weight=float(weight))
    undo = Undo(reverse("weigh-rating", args=[movie_id]), {"weight": f"{before:g}"})
    notify(request, WEIGHED[weight] % {"title": parted_title(rating.movie.title)[0]}, undo=undo)
    return HttpResponseRedirect(next_url(request, default="less-used"))
