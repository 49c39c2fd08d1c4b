"""The page of one movie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.audience import audience_of
from catalog.models import Movie
from catalog.opinions import opinion_of


def movie_detail(request: HttpRequest, movie_id: int) -> HttpResponse:
    movie = get_object_or_404(Movie.objects.visible().for_cards(), pk=movie_id)
    context = {
        "movie": movie,
        "opinion": opinion_of(request.user, movie),
        "audience": audience_of(movie),
    }
    return render(request, "movies/detail.html", context)
