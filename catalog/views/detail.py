"""The page of one movie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from catalog.audience import audience_of
from catalog.models import Movie
from catalog.opinions import opinion_of


def movie_detail(request: HttpRequest, movie_id: int) -> HttpResponse:
    movie = Movie.objects.visible().for_cards().filter(pk=movie_id).first()
    if movie is None:
        duplicate = get_object_or_404(Movie, pk=movie_id, merged_into__withdrawn=False)
        return redirect("movie-detail", duplicate.merged_into_id, permanent=True)
    context = {
        "movie": movie,
        "opinion": opinion_of(request.user, movie),
        "audience": audience_of(movie),
    }
    return render(request, "movies/detail.html", context)
