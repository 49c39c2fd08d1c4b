"""Addresses below /movies/."""

from django.urls import path

from catalog.views.browse import movie_list
from catalog.views.detail import movie_detail
from catalog.views.opinions import mark, rate
from catalog.views.suggestions import suggestions

urlpatterns = [
    path("", movie_list, name="movie-list"),
    path("suggestions/", suggestions, name="suggestions"),
    path("<id:movie_id>/", movie_detail, name="movie-detail"),
    path("<id:movie_id>/rate/", rate, name="movie-rate"),
    path("<id:movie_id>/mark/", mark, name="movie-mark"),
]
