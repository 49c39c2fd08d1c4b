"""How much one's ratings count for recommendations: fully, half, or not at all."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.person import person
from catalog.models import Influence, Rating
from catalog.services import weigh_rating
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery

FULLY = 1.0
WEIGHTS = (FULLY, Influence.LESS, Influence.NOTHING)


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.5})
class WeightField(serializers.FloatField):
    default_error_messages = {"weight": "Must be 1, 0.5 or 0."}

    def to_internal_value(self, data: Any) -> float:
        weight = super().to_internal_value(data)
        if weight not in WEIGHTS:
            self.fail("weight")
        return weight


@extend_schema_serializer(
    examples=[*examples.body("Half", {"weight": 0.5}), *examples.answer("Half", {"weight": 0.5})]
)
class InfluenceSerializer(JsonBody):
    weight = WeightField(help_text="1: fully, 0.5: half, 0: not at all.")


class RatingInfluence(StrictQuery):
    permission_classes = (IsAuthenticated,)

    def rating(self, movie_id: int) -> Rating:
        return get_object_or_404(Rating.objects.of(person(self.request)), movie_id=movie_id)

    @extend_schema(responses=InfluenceSerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """How much your rating of a movie counts for recommendations; 404 when you have not rated it."""
        rating = self.rating(movie_id)
        weight = Influence.objects.filter(rating=rating).values_list("weight", flat=True).first()
        return Response({"weight": FULLY if weight is None else weight})

    @extend_schema(request=InfluenceSerializer, responses=InfluenceSerializer)
    def put(self, request: Request, movie_id: int) -> Response:
        """Say how much your rating of a movie counts. Your next list heeds it; the movie's mean does not."""
        rating = self.rating(movie_id)
        body = InfluenceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        weigh_rating(rating, weight=body.validated_data["weight"])
        return Response(body.data)
