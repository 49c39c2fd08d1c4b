"""What the model makes of one's taste: predicted beside given stars, and what a movie would get."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.person import person
from catalog.models import Movie
from movierec.api_views import StrictQuery
from recommendations.hindsight import look_back
from recommendations.predictions import Confidence, predict_one

LOOKED_BACK = {
    "movie": {"id": 2571, "display_title": "The Matrix", "year": 1999},
    "given": 5.0,
    "predicted": 4.1,
    "off": 0.9,
}
HINDSIGHT: dict[str, Any] = {
    "error": 0.6,
    "usual_error": 0.8,
    "ratings": [LOOKED_BACK],
    "surprises": [LOOKED_BACK],
}


class RatedMovieSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    display_title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)


class LookBackSerializer(serializers.Serializer):
    movie = RatedMovieSerializer()
    given = serializers.FloatField(help_text="Stars.")
    predicted = serializers.FloatField(help_text="Stars, from your other ratings.")
    off = serializers.FloatField(help_text="`given` less `predicted`.")


@extend_schema_serializer(examples=examples.answer("One rating", HINDSIGHT))
class HindsightSerializer(serializers.Serializer):
    error = serializers.FloatField(
        allow_null=True, help_text="By how many stars the predictions are off, on average."
    )
    usual_error = serializers.FloatField(allow_null=True, help_text="By how many your mean would be.")
    ratings = LookBackSerializer(many=True, help_text="Your latest ones, oldest first.")
    surprises = LookBackSerializer(many=True, help_text="Those furthest from what was predicted.")


class Hindsight(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="taste_hindsight", responses=HindsightSerializer)
    def get(self, request: Request) -> Response:
        """What would have been predicted for movies that you rated, each from your other ratings.

        Empty for fewer than three ratings, and while no model answers.
        """
        nothing: dict[str, Any] = {"error": None, "usual_error": None, "ratings": [], "surprises": []}
        return Response(HindsightSerializer(look_back(person(request)) or nothing).data)


@extend_schema_serializer(examples=examples.answer("Stars", {"predicted_rating": 4.1, "confidence": "fair"}))
class PredictionSerializer(serializers.Serializer):
    predicted_rating = serializers.FloatField(source="stars", allow_null=True, help_text="Stars, 0.5 to 5.")
    confidence = serializers.ChoiceField(Confidence.choices, allow_null=True)


class MoviePrediction(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=PredictionSerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """The stars that you would give a movie; `null` before your first rating and without a model."""
        movie = get_object_or_404(Movie.objects.visible(), pk=movie_id)
        prediction = predict_one(person(request), movie) or {"stars": None, "confidence": None}
        return Response(PredictionSerializer(prediction).data)
