"""Fields of queries and bodies that several views have."""

import math
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from movierec.converters import LARGEST_ID

MOST_MOVIES = 200


class FiniteField(serializers.FloatField):
    """A number; not NaN."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


@extend_schema_field({"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": MOST_MOVIES})
class MovieIdsField(serializers.ListField):
    """Movie IDs in a query, separated by commas, the parameter repeated, or both."""

    def __init__(self, **kwargs: Any) -> None:
        child = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
        super().__init__(child=child, max_length=MOST_MOVIES, **kwargs)

    def to_internal_value(self, data: list[str]) -> list[int]:
        parts = [part for value in data for part in value.split(",") if part.strip()]
        return super().to_internal_value(parts)


class YearsSerializer(serializers.Serializer):
    """Years in a query, both included."""

    year_min = serializers.IntegerField(min_value=0, max_value=9999, required=False)
    year_max = serializers.IntegerField(min_value=0, max_value=9999, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("year_min", 0) > attrs.get("year_max", 9999):
            raise serializers.ValidationError({"year_max": "Must not be before year_min."}, code="years")
        return attrs
