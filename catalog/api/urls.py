from django.urls import path

from catalog.api import tokens, views
from catalog.api.bulk import BulkMovies

urlpatterns = [
    path("auth/token/", tokens.LogIn.as_view(), name="api-token"),
    path("auth/tokens/", tokens.TokenList.as_view(), name="api-tokens"),
    path("auth/tokens/<int:token_id>/", tokens.TokenDetail.as_view(), name="api-token-detail"),
    path("auth/tokens/<int:token_id>/rotate/", tokens.TokenRotation.as_view(), name="api-token-rotation"),
    path("genres/", views.GenreList.as_view(), name="api-genres"),
    path("movies/", views.MovieList.as_view(), name="api-movies"),
    path("movies/bulk/", BulkMovies.as_view(), name="api-movies-bulk"),
    path("movies/<int:movie_id>/", views.MovieDetail.as_view(), name="api-movie"),
    path("ratings/", views.RatingList.as_view(), name="api-ratings"),
    path("ratings/<int:movie_id>/", views.RatingDetail.as_view(), name="api-rating"),
]
