"""Recommendations over HTTP: parse, ask the recommender once, answer."""

from typing import cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Movie, User
from recommendations.api.serializers import (
    ListRequestSerializer,
    RecommendationListSerializer,
    SimilarMoviesSerializer,
    SimilarRequestSerializer,
)
from recommendations.serving import recommend
from recommendations.similar import similar_movies


class Recommendations(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(parameters=[ListRequestSerializer], responses=RecommendationListSerializer)
    def get(self, request: Request) -> Response:
        """What to watch next: movies you have neither rated nor hidden, best first.

        `source` tells where the list comes from: your ratings (`personal`), people like you
        (`demographics`) or everybody (`popular`, also while the recommender is unreachable).
        """
        query = ListRequestSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        served = recommend(cast(User, request.user), query.list_request())
        return Response(RecommendationListSerializer(served).data)


class SimilarMovies(APIView):
    @extend_schema(parameters=[SimilarRequestSerializer], responses=SimilarMoviesSerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """Movies like this one, most similar first."""
        query = SimilarRequestSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        movie = get_object_or_404(Movie.objects.visible(), pk=movie_id)
        similar = similar_movies(movie, limit=query.validated_data["limit"])
        return Response(SimilarMoviesSerializer({"results": similar}).data)
