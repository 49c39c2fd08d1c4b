"""A list for somebody without an account: what they tell with the request is forgotten with it."""

import time
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from catalog.api.serializers import MOVIE, StarsField
from catalog.models import Movie, User
from movierec.api_types import JsonBody
from movierec.converters import LARGEST_ID
from recommendations.api.serializers import ListRequestSerializer, RecommendationListSerializer
from recommendations.two_tower.data import UserInput

MOST_RATINGS = 500
EXAMPLE = [{"movie_id": 1, "rating": 5}, {"movie_id": 2, "rating": 2.5}]
ANSWER = {
    "source": "personal",
    "model_version": 3,
    "list_id": None,
    "notice": "",
    "results": [
        {
            "movie": MOVIE,
            "score": 2.28,
            "predicted_rating": 4.1,
            "confidence": "fair",
            "because": [{"id": 9, "title": "Alien", "your_rating": 5.0}],
        }
    ],
}


class SessionThrottle(SimpleRateThrottle):
    """Lists for whoever has no account, per address."""

    scope = "session_list"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class SessionRatingSerializer(JsonBody):
    movie_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    rating = StarsField(help_text="Stars.")


class DemographicsSerializer(JsonBody):
    """All of it may be left out."""

    gender = serializers.ChoiceField(choices=User.Gender.choices, required=False)
    age_group = serializers.ChoiceField(choices=User.AgeGroup.choices, required=False)
    occupation = serializers.ChoiceField(choices=User.Occupation.choices, required=False)
    zip_code = serializers.CharField(max_length=10, required=False, allow_blank=True)


@extend_schema_field({"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 200})
class ExcludedField(serializers.ListField):
    child = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


@extend_schema_serializer(
    examples=[
        OpenApiExample("Ratings alone", {"ratings": EXAMPLE}, request_only=True),
        OpenApiExample(
            "With demographics and filters",
            {"ratings": EXAMPLE, "demographics": {"age_group": 25}, "genre": "comedy", "limit": 5},
            request_only=True,
        ),
    ]
)
class SessionListRequestSerializer(JsonBody, ListRequestSerializer):
    """What somebody without an account tells: ratings in the order in which they were given, and filters.

    A bare list of ratings is taken for an object with `ratings` alone.
    """

    ratings = SessionRatingSerializer(many=True, max_length=MOST_RATINGS, default=list)  # type: ignore[call-arg]
    demographics = DemographicsSerializer(required=False)
    exclude = ExcludedField(max_length=200, required=False)  # type: ignore[assignment]

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"ratings": data} if isinstance(data, list) else data)

    def validate_ratings(self, ratings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One query, however many there are."""
        asked = {rating["movie_id"] for rating in ratings}
        there = set(Movie.objects.visible().filter(pk__in=asked).values_list("pk", flat=True))
        missing = ErrorDetail(str(_("There is no such movie.")), code="does_not_exist")
        errors = {
            str(place): {"movie_id": [missing]}
            for place, rating in enumerate(ratings)
            if rating["movie_id"] not in there
        }
        if errors:
            raise ValidationError(errors)
        return ratings

    def user_input(self) -> UserInput:
        """What the user tower reads; of two ratings of a movie the last counts."""
        told = self.validated_data
        stars: dict[int, float] = {}
        for rating in told["ratings"]:
            stars.pop(rating["movie_id"], None)
            stars[rating["movie_id"]] = rating["rating"]
        movie_ids = list(stars)
        now = int(time.time())
        return UserInput(
            **told.get("demographics", {}),
            movie_ids=np.array(movie_ids, dtype=np.int64),
            stars=np.array(list(stars.values()), dtype=np.float32),
            timestamps=np.arange(now - len(movie_ids), now, dtype=np.int64),
        )


@extend_schema_serializer(examples=[OpenApiExample("A list", ANSWER, response_only=True)])
class SessionListSerializer(RecommendationListSerializer):
    """A list that was not stored."""

    list_id = serializers.UUIDField(
        allow_null=True, help_text="`null`: there is nothing to give feedback on."
    )
