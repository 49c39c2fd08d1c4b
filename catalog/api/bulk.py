"""Many movies in one request, for an operator's other systems."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import BasePermission, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.history import note_in_history
from catalog.models import Movie
from catalog.movie_upserts import CREATED, UNCHANGED, UPDATED, RowRefused, Upserts
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery
from movierec.converters import LARGEST_ID

MOST_ROWS = 500
MOST_GENRES = 32
FAILED = "failed"

Outcome = dict[str, Any]
ROW = {"movielens_id": 2571, "title": "Matrix, The", "year": 1999, "genres": ["action", "sci-fi"]}


class MovieRowSerializer(JsonBody):
    """A movie. The first of `id`, `movielens_id`, `imdb_id` and `tmdb_id` given names the one to change."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    movielens_id = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID, required=False, allow_null=True
    )
    imdb_id = serializers.CharField(max_length=12, required=False, allow_blank=True)
    tmdb_id = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, required=False, allow_null=True)
    title = serializers.CharField(max_length=255, required=False, help_text="A new movie needs one.")
    year = serializers.IntegerField(min_value=1870, max_value=2200, required=False, allow_null=True)
    genres = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=MOST_GENRES, required=False, help_text="Slugs."
    )
    withdrawn = serializers.BooleanField(required=False)


class BulkMoviesSerializer(JsonBody):
    all_or_nothing = serializers.BooleanField(
        default=False, help_text="Write nothing unless every row can be written."
    )
    movies = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=MOST_ROWS)


@extend_schema_serializer(component_name="BulkMovies")
class BulkMoviesSchema(BulkMoviesSerializer):
    """Movies to create or change."""

    # Described only: one by one they are checked, so that a bad row does not refuse the others.
    movies = serializers.ListField(child=MovieRowSerializer(), min_length=1, max_length=MOST_ROWS)


class RowErrorSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="What is wrong, for programs.")
    detail = serializers.CharField(help_text="What is wrong, for people.")
    attr = serializers.CharField(allow_null=True, help_text="The field, a path if nested.")


class RowOutcomeSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="Its place in the request, from 0.")
    status = serializers.ChoiceField(choices=[CREATED, UPDATED, UNCHANGED, FAILED])
    id = serializers.IntegerField(allow_null=True, help_text="Of the movie.")
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]


class BulkOutcomeSerializer(serializers.Serializer):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    failed = serializers.IntegerField()
    results = RowOutcomeSerializer(many=True)


class MayWriteMovies(BasePermission):
    message = _("You need the permission to add and change movies.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.user.has_perms(["catalog.add_movie", "catalog.change_movie"])


ANSWER: dict[str, Any] = {
    "created": 1,
    "updated": 0,
    "unchanged": 0,
    "failed": 1,
    "results": [
        {"row": 0, "status": "created", "id": 3953, "errors": []},
        {
            "row": 1,
            "status": "failed",
            "id": None,
            "errors": [{"code": "required", "detail": "A new movie needs a title.", "attr": "title"}],
        },
    ],
}

ALL_WRITTEN = ANSWER | {"failed": 0, "results": ANSWER["results"][:1]}


class BulkMovies(StrictQuery):
    permission_classes = (IsAdminUser, MayWriteMovies)

    @extend_schema(
        operation_id="movies_bulk_upsert",
        request=BulkMoviesSchema,
        responses={
            200: OpenApiResponse(BulkOutcomeSerializer, "All rows are written"),
            207: OpenApiResponse(
                BulkOutcomeSerializer, "Some rows failed, see `results`; the others are written"
            ),
        },
        examples=[
            OpenApiExample("Two rows", {"movies": [ROW, {"year": 2003}]}, request_only=True),
            OpenApiExample("All or nothing", {"all_or_nothing": True, "movies": [ROW]}, request_only=True),
            OpenApiExample("All are written", ALL_WRITTEN, response_only=True, status_codes=["200"]),
            OpenApiExample("A row failed", ANSWER, response_only=True, status_codes=["207"]),
        ],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Create or change up to 500 movies. For operators.

        A row changes the movie that it names, or else creates one. What a row leaves out stays as it is,
        so that the same request sent twice changes nothing the second time. Rows are written one by one,
        and those that cannot be are told in `results`; with `all_or_nothing` one bad row refuses them all
        with 400, each field by its path, such as `movies.3.year`.
        """
        body = BulkMoviesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        outcomes = write_movies(body.validated_data["movies"], body.validated_data["all_or_nothing"])
        _note(request, outcomes, CREATED, ADDITION)
        _note(request, outcomes, UPDATED, CHANGE)
        counts = dict.fromkeys((CREATED, UPDATED, UNCHANGED, FAILED), 0)
        for outcome in outcomes:
            counts[outcome["status"]] += 1
        code = status.HTTP_207_MULTI_STATUS if counts[FAILED] else status.HTTP_200_OK
        return Response(counts | {"results": outcomes}, status=code)


def write_movies(rows: list[Any], all_or_nothing: bool) -> list[Outcome]:
    """What became of each row. Raises ValidationError for the bad ones if it is all or nothing."""
    checked = [MovieRowSerializer(data=row) for row in rows]
    good = {place: row.validated_data for place, row in enumerate(checked) if row.is_valid()}
    errors: dict[str, Any] = {str(place): row.errors for place, row in enumerate(checked) if row.errors}
    outcomes = [_failed(place, flat_errors(row.errors)) for place, row in enumerate(checked)]
    with transaction.atomic():
        upserts = Upserts(list(good.values()))
        for place, row in good.items():
            try:
                written = upserts.write(row)
            except RowRefused as error:
                refusal = {error.field: [ErrorDetail(error.message, code=error.code)]}
                errors[str(place)] = refusal
                outcomes[place] = _failed(place, flat_errors(refusal))
            else:
                outcomes[place] = _outcome(place, written.status, written.movie_id)
        if errors and all_or_nothing:
            raise ValidationError({"movies": errors})
    return outcomes


def _note(request: Request, outcomes: list[Outcome], became: str, action: int) -> None:
    written = {outcome["id"] for outcome in outcomes if outcome["status"] == became}
    if written:
        movies = list(Movie.objects.filter(pk__in=written))
        note_in_history(request, movies, f"{became} over the API, one of many", action=action)


def _outcome(place: int, outcome: str, movie_id: int | None, errors: Iterable[Outcome] = ()) -> Outcome:
    return {"row": place, "status": outcome, "id": movie_id, "errors": list(errors)}


def _failed(place: int, errors: Iterable[Outcome]) -> Outcome:
    return _outcome(place, FAILED, None, errors)


def flat_errors(errors: Any, path: str = "") -> list[Outcome]:
    """The errors of a serializer as a flat list, each with the path of its field."""
    if isinstance(errors, dict):
        parts = [
            flat_errors(value, f"{path}.{name}" if path else str(name)) for name, value in errors.items()
        ]
        return [detail for part in parts for detail in part]
    if isinstance(errors, list):
        return [detail for value in errors for detail in flat_errors(value, path)]
    return [{"code": errors.code, "detail": str(errors), "attr": path or None}]
