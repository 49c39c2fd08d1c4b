"""Ratings from another site: what a file of them means here, before anything is stored."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.person import person
from catalog.api.throttling import RatingsFileThrottle, UserThrottle
from catalog.models import Movie
from catalog.own_ratings.errors import RatingsFileRejected
from catalog.own_ratings.matching import Match, State, match_rows
from catalog.own_ratings.reading import MAX_BYTES, read_ratings
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery

FILE = {"csv": "Date,Name,Year,Letterboxd URI,Rating\n2024-05-01,The Matrix,1999,https://boxd.it/2a1m,4.5\n"}
PREVIEW = {
    "sure": 1,
    "doubtful": 0,
    "unknown": 0,
    "rated": 0,
    "results": [
        {
            "title": "The Matrix",
            "year": 1999,
            "stars": 4.5,
            "rated_at": "2024-05-01T00:00:00Z",
            "state": "sure",
            "candidates": [{"id": 2571, "display_title": "The Matrix", "year": 1999}],
        }
    ],
}


@extend_schema_serializer(examples=examples.body("From Letterboxd", FILE))
class RatingsFileSerializer(JsonBody):
    csv = serializers.CharField(
        max_length=MAX_BYTES,
        trim_whitespace=False,
        help_text="A ratings.csv of Letterboxd, IMDb, MovieLens.",
    )


class MatchCandidateSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    display_title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)


class MatchedRatingSerializer(serializers.Serializer):
    title = serializers.CharField(help_text="As the file has it.")
    year = serializers.IntegerField(allow_null=True)
    stars = serializers.FloatField()
    rated_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(
        choices=[state.value for state in State],
        help_text="`doubtful`: choose a candidate. `rated`: already.",
    )
    candidates = MatchCandidateSerializer(many=True, help_text="The likeliest first.")


@extend_schema_serializer(examples=examples.answer("One rating", PREVIEW))
class PreviewSerializer(serializers.Serializer):
    sure = serializers.IntegerField()
    doubtful = serializers.IntegerField()
    unknown = serializers.IntegerField()
    rated = serializers.IntegerField()
    results = MatchedRatingSerializer(many=True)


class ImportPreview(StrictQuery):
    permission_classes = (IsAuthenticated,)
    throttle_classes = (UserThrottle, RatingsFileThrottle)
    reading_methods = ("POST",)

    @extend_schema(
        operation_id="ratings_import_preview", request=RatingsFileSerializer, responses=PreviewSerializer
    )
    def post(self, request: Request) -> Response:
        """Find the movies of a ratings file of up to 2 MB and 5,000 lines. Nothing is stored.

        Send what you agree to to `ratings/batch/`, with `movie_id`, `stars` and `rated_at`.
        """
        body = RatingsFileSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            rows = read_ratings(body.validated_data["csv"].encode())
        except RatingsFileRejected as error:
            raise ValidationError({"csv": [ErrorDetail(str(error), code="csv")]}) from error
        return Response(PreviewSerializer(_preview(match_rows(person(request), rows))).data)


def _preview(matches: list[Match]) -> dict[str, Any]:
    movies = Movie.objects.in_bulk({pk for match in matches for pk in match.candidates})
    counts = {state.value: sum(match.state == state for match in matches) for state in State}
    return counts | {"results": [_told(match, movies) for match in matches]}


def _told(match: Match, movies: dict[int, Movie]) -> dict[str, Any]:
    row = match.row
    return {
        "title": row.title or row.imdb_id or str(row.movielens_id or ""),
        "year": row.year,
        "stars": row.stars,
        "rated_at": row.rated_at,
        "state": match.state.value,
        "candidates": [movies[pk] for pk in match.candidates if pk in movies],
    }
