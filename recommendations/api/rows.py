"""The rows of one's home page: hidden gems, because you liked, favourite genres, what to rate."""

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.person import person
from catalog.api.serializers import MovieSerializer
from movierec.api_views import StrictQuery
from recommendations.home import keep_shown, picks, rows_for

ROW = {
    "title": "Hidden gems for you",
    "note": "Rated by few people, and close to your taste.",
    "url": "/recommendations/?obscurity=90",
    "movies": [examples.MOVIE],
}


class RowSerializer(serializers.Serializer):
    title = serializers.CharField(help_text="In the language of `Accept-Language`.")
    note = serializers.CharField()
    url = serializers.CharField(help_text="Where the site has more of it; may be empty.")
    movies = MovieSerializer(many=True)


@extend_schema_serializer(examples=examples.answer("Hidden gems", {"results": [ROW]}))
class RowsSerializer(serializers.Serializer):
    results = RowSerializer(many=True)


class HomeRows(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="recommendations_rows", responses=RowsSerializer)
    def get(self, request: Request) -> Response:
        """Rows of movies for you, none of which you have rated: what your home page shows below its picks."""
        user = person(request)
        answer = picks(user)
        rows = rows_for(user, answer)
        keep_shown(user, answer, rows, picked=0)
        return Response(RowsSerializer({"results": rows}).data)
