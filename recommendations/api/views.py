"""Recommendations over HTTP: parse, ask the recommender once, answer."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.serializers import card_json
from catalog.models import Movie, User
from movierec.api_views import StrictQuery
from recommendations.api.serializers import (
    ListRequestSerializer,
    RecommendationListSerializer,
    SimilarMoviesSerializer,
    SimilarRequestSerializer,
    WhySerializer,
    list_json,
)
from recommendations.api.session import (
    SessionListRequestSerializer,
    SessionListSerializer,
    SessionThrottle,
)
from recommendations.serving import ListRequest, recommend, recommend_to_visitor
from recommendations.similar import similar_movies
from recommendations.why import why


class Recommendations(StrictQuery):
    """For oneself by GET; by POST for somebody without an account, which changes nothing."""

    reading_methods = ("POST",)
    query_serializer = ListRequestSerializer

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    def get_throttles(self) -> list[Any]:
        throttles = super().get_throttles()
        return [*throttles, SessionThrottle()] if self.request.method == "POST" else throttles

    @extend_schema(responses=RecommendationListSerializer)
    def get(self, request: Request) -> Response:
        """What to watch next: movies you have neither rated nor hidden, best first.

        `source` tells where the list comes from: your ratings (`personal`), people like you
        (`demographics`) or everybody (`popular`, also while the recommender is unreachable).
        """
        served = recommend(cast(User, request.user), self._list_request())
        return Response(list_json(served))

    @extend_schema(
        operation_id="recommendations_for_session",
        request=SessionListRequestSerializer,
        responses=SessionListSerializer,
    )
    def post(self, request: Request) -> Response:
        """What to watch next for somebody without an account, from the ratings told here. Nothing is stored.

        Your own account, if you log in for this, is left out of it.
        """
        body = SessionListRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        served = recommend_to_visitor(body.user_input(), body.list_request())
        return Response(list_json(served) | {"list_id": None})

    def _list_request(self) -> ListRequest:
        """Most requests have no parameters; to make the fields of a serializer takes a millisecond."""
        return self.asked().list_request() if self.request.query_params else ListRequest()


class WhyRecommended(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=WhySerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """Which of your ratings bring a movie up, each left out in turn and the list computed again."""
        movie = get_object_or_404(Movie.objects.visible().for_cards(), pk=movie_id)
        return Response(WhySerializer(why(cast(User, request.user), movie)).data)


@method_decorator(conditional_page, name="dispatch")
class SimilarMovies(StrictQuery):
    query_serializer = SimilarRequestSerializer

    @extend_schema(responses=SimilarMoviesSerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """Movies like this one, most similar first."""
        limit = self.asked().validated_data["limit"]
        movie = get_object_or_404(Movie.objects.visible(), pk=movie_id)
        similar = similar_movies(movie, limit=limit, reader=request.user)
        return Response({"results": [card_json(card) for card in similar]})
