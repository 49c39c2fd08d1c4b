"""What a person is recommended, and why, for an operator who is asked."""

from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import BasePermission, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import User
from movierec.api_views import StrictQuery
from recommendations.api.serializers import ListRequestSerializer, RecommendationListSerializer
from recommendations.list_traces import OUTCOMES, TracedList, trace_list

REQUEST_EXAMPLE = {
    "source": "personal",
    "model_version": 3,
    "list_id": "6301dde0-85d8-4774-a15a-5dc1e4dd0d78",
    "notice": "",
    "results": [],
    "trace": {
        "request": {"limit": 1, "genre": "drama", "year_min": None, "year_max": None, "diversity": 0.0},
        "searches": [12],
        "milliseconds": {"history": 1.2, "user_vector": 3.4, "retrieval": 5.1},
        "removed": {"rated": 1},
        "candidates": [
            {
                "movie_id": 246,
                "title": "Chasing Amy",
                "retrieval_rank": 1,
                "retrieval_score": 3.21,
                "outcome": "rated",
                "final_rank": None,
            }
        ],
    },
}


class TracedListRequestSerializer(ListRequestSerializer):
    trace = serializers.BooleanField(default=False, help_text="Tell the way of every candidate.")


class CandidateSerializer(serializers.Serializer):
    movie_id = serializers.IntegerField()
    title = serializers.CharField()
    retrieval_rank = serializers.IntegerField(help_text="Its place in Milvus' answer, from 1.")
    retrieval_score = serializers.FloatField(help_text="Inner product of user and movie vector.")
    outcome = serializers.ChoiceField(
        choices=OUTCOMES,
        help_text="`outranked`: weighed and not chosen; `not_needed`: there were enough better ones.",
    )
    final_rank = serializers.IntegerField(allow_null=True, help_text="Its place on the list, from 1.")


class TraceSerializer(serializers.Serializer):
    request = serializers.DictField()
    searches = serializers.ListField(
        child=serializers.IntegerField(), help_text="How many candidates each search asked for."
    )
    milliseconds = serializers.DictField(child=serializers.FloatField(), help_text="By stage.")
    removed = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many candidates each filter took out."
    )
    candidates = CandidateSerializer(many=True)


@extend_schema_serializer(examples=[OpenApiExample("With a trace", REQUEST_EXAMPLE, response_only=True)])
class TracedListSerializer(RecommendationListSerializer):
    trace = TraceSerializer(required=False, help_text="Only where it is asked for.")


class MayViewUsers(BasePermission):
    message = _("You need the permission to view users.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.user.has_perm("catalog.view_user")


class RecommendationsOfUser(StrictQuery):
    permission_classes = (IsAdminUser, MayViewUsers)
    query_serializer = TracedListRequestSerializer

    @extend_schema(
        operation_id="users_recommendations_retrieve",
        responses=TracedListSerializer,
    )
    def get(self, request: Request, user_id: int) -> Response:
        """What a person would be recommended now; with `trace`, why. For operators.

        The trace has every candidate with its score, what each filter removed, what re-ranking made of the
        others, and how long each stage took. The list is not kept as one that was served.
        """
        query = self.asked()
        traced = trace_list(get_object_or_404(User, pk=user_id), query.list_request())
        told = dict(RecommendationListSerializer(traced.answer).data)
        if query.validated_data["trace"]:
            told["trace"] = _told(traced, asdict(query.list_request()))
        return Response(told)


def _told(traced: TracedList, asked: dict[str, Any]) -> dict[str, Any]:
    removed: dict[str, int] = {}
    for candidate in traced.candidates:
        if candidate.final_rank is None:
            removed[candidate.outcome] = removed.get(candidate.outcome, 0) + 1
    trace = traced.trace
    told = {
        "request": asked,
        "searches": trace.searches,
        "milliseconds": trace.milliseconds,
        "removed": removed,
        "candidates": traced.candidates,
    }
    return dict(TraceSerializer(told).data)
