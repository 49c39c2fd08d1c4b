from django.urls import path

from recommendations.api.views import Recommendations, SimilarMovies

urlpatterns = [
    path("movies/<int:movie_id>/similar/", SimilarMovies.as_view(), name="api-similar-movies"),
    path("recommendations/", Recommendations.as_view(), name="api-recommendations"),
]
