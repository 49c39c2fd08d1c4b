"""The page of one movie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from catalog.audience import audience_of
from catalog.list_events import CLICKED, hand_on, is_opened_by_hand, list_id_in
from catalog.models import Movie
from catalog.opinions import opinion_of


def movie_detail(request: HttpRequest, movie_id: int) -> HttpResponse:
    """Whoever comes from a list of recommendations brings its ID as `list`, which makes no other page."""
    movie = Movie.objects.visible().for_cards().filter(pk=movie_id).first()
    if movie is None:
        duplicate = get_object_or_404(Movie, pk=movie_id, merged_into__withdrawn=False)
        return redirect("movie-detail", duplicate.merged_into_id, permanent=True)
    list_id = list_id_in(request.GET.get("list", ""))
    context = {
        "movie": movie,
        "list_id": list_id,
        "opinion": opinion_of(request.user, movie),
        "audience": audience_of(movie),
    }
    answer = render(request, "movies/detail.html", context)
    if is_opened_by_hand(request):  # after all reads, so that they may come from a replica
        hand_on(request.user, movie, list_id=list_id, event=CLICKED)
    return answer
