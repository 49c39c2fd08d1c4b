"""Browsing the catalogue."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.browsing import browse
from catalog.forms import BrowseForm
from catalog.opinions import opinions_of

PAGE_SIZE = 36


def movie_list(request: HttpRequest) -> HttpResponse:
    form = BrowseForm(request.GET or None)
    movies = browse(request.user, form.wishes())
    page = Paginator(movies, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "opinions": opinions_of(request.user, (movie.pk for movie in page)),
    }
    return render(request, "movies/list.html", context)
