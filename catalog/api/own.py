"""One's own lists over HTTP: watchlist, hidden and unfinished movies; taste; what to rate next."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import generics, serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.api.fields import MovieIdsField
from catalog.api.pagination import MarkPages
from catalog.api.person import person
from catalog.api.serializers import MOVIE, MovieSerializer
from catalog.models import Mark, Movie
from catalog.taste import movies_to_rate
from catalog.tastes import taste_of
from movierec.api_views import StrictQuery

MARKED = {"movie": MOVIE, "since": "2026-11-24T08:00:00Z"}


@extend_schema_serializer(examples=[OpenApiExample("A marked movie", MARKED, response_only=True)])
class MarkSerializer(serializers.ModelSerializer):
    movie = MovieSerializer(read_only=True)
    since = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = Mark
        fields = ["movie", "since"]


class OwnMarks(StrictQuery, generics.GenericAPIView):
    """The marks of whoever asks: another person's are not found."""

    permission_classes = (IsAuthenticated,)
    serializer_class = MarkSerializer
    filter_backends = ()
    kind: ClassVar[Mark.Kind]

    def get_queryset(self) -> QuerySet[Mark]:
        marks = Mark.objects.filter(user=person(self.request), kind=self.kind, movie__withdrawn=False)
        return marks.select_related("movie").prefetch_related("movie__genres")


class MarkList(OwnMarks, generics.ListAPIView):
    pagination_class = MarkPages


class MarkDetail(OwnMarks):
    @extend_schema(responses=MarkSerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """Whether a movie is on this list of yours; 404 when it is not."""
        mark = generics.get_object_or_404(self.get_queryset(), movie_id=movie_id)
        return Response(MarkSerializer(mark).data)

    @extend_schema(
        request=None,
        responses={
            200: OpenApiResponse(MarkSerializer, "It was there already"),
            201: OpenApiResponse(MarkSerializer, "It is there now"),
        },
    )
    def put(self, request: Request, movie_id: int) -> Response:
        """Put a movie on this list of yours; doing it twice is the same as once."""
        movie = generics.get_object_or_404(Movie.objects.visible(), pk=movie_id)
        there = self.get_queryset().filter(movie=movie).exists()
        services.mark_movie(person(request), movie, kind=self.kind)
        mark = generics.get_object_or_404(self.get_queryset(), movie=movie)
        code = status.HTTP_200_OK if there else status.HTTP_201_CREATED
        return Response(MarkSerializer(mark).data, status=code)

    @extend_schema(responses={204: OpenApiResponse(description="It is not there any more")})
    def delete(self, request: Request, movie_id: int) -> Response:
        """Take a movie off this list of yours; also when it is not there."""
        if not Movie.objects.filter(pk=movie_id).exists():
            raise Http404
        services.unmark_movie(person(request), Movie(pk=movie_id), kind=self.kind)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A group", {"name": "Comedy", "count": 21, "mean": 3.9, "above": 0.4}, response_only=True
        )
    ]
)
class TasteGroupSerializer(serializers.Serializer):
    """Movies of a genre or decade that you rated."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    mean = serializers.FloatField(help_text="Stars.")
    above = serializers.FloatField(help_text="The mean less your overall mean, in stars.")


class GivenSerializer(serializers.Serializer):
    stars = serializers.FloatField()
    count = serializers.IntegerField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A taste",
            {
                "count": 40,
                "mean": 3.5,
                "genres": [{"name": "Comedy", "count": 21, "mean": 3.9, "above": 0.4}],
                "decades": [{"name": "1990", "count": 33, "mean": 3.6, "above": 0.1}],
                "given": [{"stars": 4.0, "count": 12}],
            },
            response_only=True,
        )
    ]
)
class TasteSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    mean = serializers.FloatField(help_text="Stars; 0 without ratings.")
    genres = TasteGroupSerializer(many=True, help_text="Most rated first.")
    decades = TasteGroupSerializer(many=True, help_text="Earliest first.")
    given = GivenSerializer(source="bars", many=True, help_text="How often you gave each half star.")


class OwnTaste(StrictQuery):
    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=TasteSerializer)
    def get(self, request: Request) -> Response:
        """Your taste in figures: which stars you gave, and to which genres and decades."""
        return Response(TasteSerializer(taste_of(person(request))).data)


class SuggestionsRequestSerializer(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=50, default=18)
    unseen = MovieIdsField(
        required=False, help_text="Movies that you have not seen: what comes next heeds it."
    )
    shown = MovieIdsField(required=False, help_text="Movies that you are being asked about already.")


@extend_schema_serializer(examples=[OpenApiExample("Suggestions", {"results": [MOVIE]}, response_only=True)])
class MoviesToRateSerializer(serializers.Serializer):
    results = MovieSerializer(many=True)


class MoviesToRate(StrictQuery):
    permission_classes = (IsAuthenticated,)
    query_serializer = SuggestionsRequestSerializer

    @extend_schema(responses=MoviesToRateSerializer)
    def get(self, request: Request) -> Response:
        """Well-known movies that you have neither rated nor marked, so that a few ratings tell a lot."""
        movies = movies_to_rate(person(request), **self.asked().validated_data)
        return Response(MoviesToRateSerializer({"results": movies}).data)


def views_of(kind: Mark.Kind, name: str) -> tuple[Any, Any]:
    """The views of one kind of mark: of the list, and of one movie."""

    @extend_schema_view(get=extend_schema(description=f"Your {name}, the latest first."))
    class List(MarkList):
        pass

    class Detail(MarkDetail):
        pass

    List.kind = Detail.kind = kind
    return List.as_view(), Detail.as_view()
