"""Many ratings in one request, safe to send again."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bulk import FAILED, RowErrorSerializer, flat_errors
from catalog.api.person import person
from catalog.api.serializers import StarsField
from catalog.idempotency import Answer, KeyReused, answer_once
from catalog.models import Movie, User
from catalog.models.rating import validate_rated_at
from catalog.rating_batches import Outcome, RatingWish, put_ratings
from movierec.api_schema import Error409ResponseSerializer
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery
from movierec.converters import LARGEST_ID
from movierec.faults import Conflict

MOST_ROWS = 1_000
KEY = "Idempotency-Key"
LONGEST_KEY = 255
ROWS = {"ratings": [{"movie_id": 1, "stars": 4.5}, {"movie_id": 2, "stars": 3}]}
ANSWER: dict[str, Any] = {
    "created": 1,
    "updated": 0,
    "unchanged": 0,
    "failed": 1,
    "results": [
        {"row": 0, "movie_id": 1, "status": "created", "errors": []},
        {
            "row": 1,
            "movie_id": 2,
            "status": "failed",
            "errors": [
                {
                    "code": "does_not_exist",
                    "detail": "There is no such movie.",
                    "attr": "ratings.1.movie_id",
                }
            ],
        },
    ],
}

ALL_STORED = ANSWER | {"failed": 0, "results": ANSWER["results"][:1]}


class RatingRowSerializer(JsonBody):
    movie_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    stars = StarsField()
    rated_at = serializers.DateTimeField(
        required=False,
        validators=[validate_rated_at],
        help_text="When it was, 1970 or later; a moment to come counts as now, which is the default.",
    )


class RatingBatchSerializer(JsonBody):
    ratings = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_ROWS
    )

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"ratings": data} if isinstance(data, list) else data)


@extend_schema_serializer(component_name="RatingBatch")
class RatingBatchSchema(RatingBatchSerializer):
    """Ratings, in the order in which they are to be given; a bare list of them is taken, too."""

    # Described only: one by one they are checked, so that a bad row does not refuse the others.
    ratings = serializers.ListField(child=RatingRowSerializer(), min_length=1, max_length=MOST_ROWS)


class RatingOutcomeSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="Its place in the request, from 0.")
    movie_id = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=[*(outcome.value for outcome in Outcome), FAILED])
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]


class RatingBatchOutcomeSerializer(serializers.Serializer):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    failed = serializers.IntegerField()
    results = RatingOutcomeSerializer(many=True)


class RatingBatch(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="ratings_batch",
        parameters=[
            OpenApiParameter(
                KEY,
                {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
                OpenApiParameter.HEADER,
                description="Made up by you for this request. Sent again within a day with the same body, "
                "it gets the same answer and changes nothing; with another body, 409. A user's latest 100 "
                "keys are kept.",
            )
        ],
        request=RatingBatchSchema,
        responses={
            200: OpenApiResponse(RatingBatchOutcomeSerializer, "All rows are stored"),
            207: OpenApiResponse(
                RatingBatchOutcomeSerializer, "Some rows failed, see `results`; the others are stored"
            ),
            409: OpenApiResponse(Error409ResponseSerializer, "The key was used for another request"),
        },
        examples=[
            OpenApiExample("Two rows", ROWS, request_only=True),
            OpenApiExample("All are stored", ALL_STORED, response_only=True, status_codes=["200"]),
            OpenApiExample("A row failed", ANSWER, response_only=True, status_codes=["207"]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Rate up to 1,000 movies. Rows are checked one by one, and those that make sense are stored.

        A rating of the same stars is left as it is, its time too.
        """
        body = RatingBatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rows, key = body.validated_data["ratings"], _key(request)
        user = person(request)
        answer = rate_rows(user, rows) if key is None else _once(user, key, rows)
        response = Response(answer.body, status=answer.status_code)
        if answer.replayed:
            response["Idempotent-Replayed"] = "true"
        return response


def _key(request: Request) -> str | None:
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        message = _("Must be 1 to 255 visible ASCII characters.")
        raise ValidationError({KEY: [ErrorDetail(message, code="invalid")]})
    return str(key)


def _once(user: User, key: str, rows: list[Any]) -> Answer:
    try:
        return answer_once(user, key, rows, lambda: rate_rows(user, rows))
    except KeyReused as error:
        message = _("This key was used for another request.")
        raise Conflict(message, code="idempotency_key_reused") from error


def rate_rows(user: User, rows: list[Any]) -> Answer:
    """Store the rows that make sense and tell what became of each."""
    checked = [RatingRowSerializer(data=row) for row in rows]
    good = {place: row.validated_data for place, row in enumerate(checked) if row.is_valid()}
    asked = {row["movie_id"] for row in good.values()}
    there = set(Movie.objects.visible().filter(pk__in=asked).values_list("pk", flat=True))
    stored = {place: row for place, row in good.items() if row["movie_id"] in there}
    wishes = [RatingWish(row["movie_id"], row["stars"], row.get("rated_at")) for row in stored.values()]
    outcomes = dict(zip(stored, put_ratings(user, wishes), strict=True))
    missing = {"movie_id": [ErrorDetail(_("There is no such movie."), code="does_not_exist")]}
    counts = dict.fromkeys([*(outcome.value for outcome in Outcome), FAILED], 0)
    results = []
    for place, row in enumerate(checked):
        outcome = outcomes[place].value if place in outcomes else FAILED
        errors = [] if place in outcomes else flat_errors(row.errors or missing, f"ratings.{place}")
        movie_id = good[place]["movie_id"] if place in good else None
        counts[outcome] += 1
        results.append({"row": place, "movie_id": movie_id, "status": outcome, "errors": errors})
    code = status.HTTP_207_MULTI_STATUS if counts[FAILED] else status.HTTP_200_OK
    return Answer(code, counts | {"results": results})
