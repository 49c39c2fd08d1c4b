"""What the search field of every page suggests while somebody types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.search import suggest

LONGEST = 100  # letters of a search that are looked at


def suggestions(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("q", "")[:LONGEST].strip()
    movies = suggest(search) if len(search) > 1 else []
    return render(request, "movies/_suggestions.html", {"movies": movies, "search": search})
