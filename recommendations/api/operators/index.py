"""The state of the vector index over HTTP."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from movierec.api_schema import Error409ResponseSerializer
from recommendations.api.operators.access import OperatorView, refusals_told
from recommendations.index_state import index_state

STATE = {
    "collection": "movies_v3",
    "model_version": 3,
    "rows": 3883,
    "movies": 3883,
    "pending_changes": 0,
    "lag_seconds": 0.0,
    "collections": ["movies_v2", "movies_v3"],
}


@extend_schema_serializer(examples=[OpenApiExample("In step", STATE, response_only=True)])
class IndexStateSerializer(serializers.Serializer):
    collection = serializers.CharField(
        allow_null=True, help_text="What is searched; `null` if nothing is live."
    )
    model_version = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(help_text="Movies in the index.")
    movies = serializers.IntegerField(help_text="Movies that should be in it.")
    pending_changes = serializers.IntegerField(help_text="Changes of movies on their way to it.")
    lag_seconds = serializers.FloatField(help_text="The age of the oldest of them.")
    collections = serializers.ListField(child=serializers.CharField(), help_text="All that are kept.")


class Index(OperatorView):
    @extend_schema(
        operation_id="index_retrieve", responses={200: IndexStateSerializer, 409: Error409ResponseSerializer}
    )
    def get(self, request: Request) -> Response:
        """The index against the catalogue, in numbers. For operators.

        A `compare` job finds which movies differ. 503 while the vector index does not answer.
        """
        with refusals_told():
            return Response(IndexStateSerializer(index_state()).data)
