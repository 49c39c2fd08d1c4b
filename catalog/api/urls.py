from django.urls import path

from catalog.api import views
from catalog.api.bulk import BulkMovies
from catalog.api.token import TokenView

urlpatterns = [
    path("auth/token/", TokenView.as_view(), name="api-token"),
    path("genres/", views.GenreList.as_view(), name="api-genres"),
    path("movies/", views.MovieList.as_view(), name="api-movies"),
    path("movies/bulk/", BulkMovies.as_view(), name="api-movies-bulk"),
    path("movies/<int:movie_id>/", views.MovieDetail.as_view(), name="api-movie"),
    path("ratings/", views.RatingList.as_view(), name="api-ratings"),
    path("ratings/<int:movie_id>/", views.RatingDetail.as_view(), name="api-rating"),
]
