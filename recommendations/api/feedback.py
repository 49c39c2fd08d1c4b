"""Feedback on served lists over HTTP."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.person import person
from movierec.api_types import JsonBody
from movierec.api_views import StrictQuery
from movierec.converters import LARGEST_ID
from recommendations import served_lists
from recommendations.feedback import record_feedback
from recommendations.models import ListFeedback

MOST_EVENTS = 300


class EventSerializer(JsonBody):
    movie_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    event = serializers.ChoiceField(choices=ListFeedback.Kind.choices)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Two events",
            {"events": [{"movie_id": 1, "event": "clicked"}, {"movie_id": 2, "event": "hidden"}]},
            request_only=True,
        )
    ]
)
class FeedbackSerializer(JsonBody):
    """What became of movies of the list."""

    events = EventSerializer(many=True, min_length=1, max_length=MOST_EVENTS)  # type: ignore[call-arg]

    def validate_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        shown = set(self.context["served"].movie_ids)
        message = ErrorDetail(_("This movie is not in the list."), code="not_in_list")
        errors = {
            str(place): {"movie_id": [message]}
            for place, event in enumerate(events)
            if event["movie_id"] not in shown
        }
        if errors:
            raise ValidationError(errors)
        return events


class NotedEventSerializer(EventSerializer):
    is_new = serializers.BooleanField(help_text="False for what was told before.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "One of them is new",
            {
                "new": 1,
                "results": [
                    {"movie_id": 1, "event": "clicked", "is_new": False},
                    {"movie_id": 2, "event": "hidden", "is_new": True},
                ],
            },
            response_only=True,
        )
    ]
)
class NotedFeedbackSerializer(serializers.Serializer):
    new = serializers.IntegerField()
    results = NotedEventSerializer(many=True)


class ListFeedbackView(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(request=FeedbackSerializer, responses=NotedFeedbackSerializer)
    def post(self, request: Request, list_id: UUID) -> Response:
        """Tell what became of movies of a list that you were served: clicked, hidden or watched.

        Telling it twice is the same as once. A movie that is told hidden is hidden from later lists, too.
        """
        served = served_lists.find(list_id, person(request))
        if served is None:
            raise Http404
        body = FeedbackSerializer(data=request.data, context={"served": served})
        body.is_valid(raise_exception=True)
        events = body.validated_data["events"]
        news = record_feedback(
            person(request), served, [(event["movie_id"], event["event"]) for event in events]
        )
        results = [event | {"is_new": is_new} for event, is_new in zip(events, news, strict=True)]
        return Response(NotedFeedbackSerializer({"new": sum(news), "results": results}).data)
