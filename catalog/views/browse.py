"""Browsing the catalogue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.browsing import listing_of
from catalog.cards import movie_cards
from catalog.forms import BrowseForm
from catalog.opinions import opinions_of
from catalog.paging import page_numbers, page_of
from catalog.search import suggest

PAGE_SIZE = 36


def movie_list(request: HttpRequest) -> HttpResponse:
    form = BrowseForm(request.GET or None)
    wishes = form.wishes()
    listing = listing_of(request.user, wishes)
    page = page_of(listing.movie_ids, request, size=PAGE_SIZE)
    page.object_list = movie_cards(list(page.object_list))
    context = {
        "form": form,
        "listing": listing,
        "page": page,
        "pages": page_numbers(page),
        "opinions": opinions_of(request.user, (movie.pk for movie in page)),
    }
    if not page.object_list and wishes.words:
        context["meant"] = suggest(wishes.words)
    return render(request, "movies/list.html", context)
