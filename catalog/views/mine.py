"""What is mine: my ratings and my marked movies. Always those of request.user, never another's."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from catalog.models import Mark, Movie, Rating
from catalog.paging import page_numbers, page_of
from catalog.tastes import taste_of
from catalog.views.access import MemberRequest, member_required

PAGE_SIZE = 24
ORDERS = {
    "newest": ("-rated_at", "-id"),
    "oldest": ("rated_at", "id"),
    "best": ("-stars", "-rated_at", "-id"),
    "worst": ("stars", "-rated_at", "-id"),
    "title": ("movie__search_title", "id"),
}
ORDER_CHOICES = [
    ("newest", _("Last rated")),
    ("oldest", _("First rated")),
    ("best", _("Best")),
    ("worst", _("Worst")),
    ("title", _("Title")),
]
LISTS = {
    Mark.Kind.WATCHLIST: _("Watchlist"),
    Mark.Kind.HIDDEN: _("Not interested"),
    Mark.Kind.UNFINISHED: _("Did not finish"),
}


@member_required
def my_ratings(request: MemberRequest) -> HttpResponse:
    order = request.GET.get("order", "")
    order = order if order in ORDERS else "newest"
    ratings = (
        Rating.objects.of(request.user)
        .filter(movie__withdrawn=False)
        .select_related("movie", "influence")
        .prefetch_related("movie__genres")
    )
    page = page_of(ratings.order_by(*ORDERS[order]), request, size=PAGE_SIZE)
    context = {"page": page, "order": order, "orders": ORDER_CHOICES, "pages": page_numbers(page)}
    return render(request, "accounts/ratings.html", context)


@member_required
def my_list(request: MemberRequest, kind: Mark.Kind) -> HttpResponse:
    movies = Movie.objects.visible().filter(marks__user=request.user, marks__kind=kind)
    page = page_of(movies.order_by("-marks__created_at", "-marks__id").for_cards(), request, size=PAGE_SIZE)
    context = {"page": page, "pages": page_numbers(page), "kind": kind, "name": LISTS[kind], "lists": LISTS}
    return render(request, "accounts/list.html", context)


@member_required
def my_taste(request: MemberRequest) -> HttpResponse:
    return render(request, "accounts/my_taste.html", {"taste": taste_of(request.user)})
