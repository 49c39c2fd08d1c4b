"""Looking around: titles as they are typed, one's own view of the catalogue, what everybody gave a movie."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.conditional import ConditionalReads
from catalog.api.fields import YearsSerializer
from catalog.api.filters import SEARCH_LENGTH
from catalog.api.own import GivenSerializer
from catalog.api.pagination import NumberedPages
from catalog.api.person import person
from catalog.api.serializers import MovieSerializer
from catalog.audience import audience_of
from catalog.browsing import ORDERS, SHOWN, Wishes, listing_of
from catalog.cards import movie_cards
from catalog.models import Genre, Movie
from catalog.search import suggest
from movierec.api_views import StrictQuery

MOST_SUGGESTIONS = 20
FOUND = {"results": [examples.MOVIE]}
BROWSED = {
    "count": 1,
    "next": None,
    "previous": None,
    "notice": "",
    "results": [{"movie": examples.MOVIE, "predicted_rating": 4.1}],
}
GIVEN = {"count": 2590, "mean": 4.32, "given": [{"stars": 4.5, "count": 610}]}


class TypedSerializer(serializers.Serializer):
    search = serializers.CharField(max_length=SEARCH_LENGTH, trim_whitespace=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_SUGGESTIONS, default=8)


@extend_schema_serializer(examples=examples.answer("A title with a slip", FOUND))
class FoundMoviesSerializer(serializers.Serializer):
    results = MovieSerializer(many=True)


class Suggestions(ConditionalReads):
    query_serializer = TypedSerializer

    @extend_schema(operation_id="movies_suggestions", responses=FoundMoviesSerializer)
    def get(self, request: Request) -> Response:
        """Movies whose title has all the words; if there are none, those much alike, slips forgiven."""
        asked = self.asked().validated_data
        return Response(
            FoundMoviesSerializer({"results": suggest(asked["search"], limit=asked["limit"])}).data
        )


@extend_schema_serializer(examples=examples.answer("A movie's ratings", GIVEN))
class AudienceSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    given = GivenSerializer(source="bars", many=True, help_text="How often each half star was given.")


class Audience(ConditionalReads):
    @extend_schema(responses=AudienceSerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """How everybody rated a movie."""
        movie = get_object_or_404(Movie.objects.visible(), pk=movie_id)
        return Response(AudienceSerializer(audience_of(movie)).data)


class BrowseRequestSerializer(YearsSerializer):
    search = serializers.CharField(
        max_length=SEARCH_LENGTH, default="", allow_blank=True, trim_whitespace=False
    )
    genre = serializers.SlugRelatedField("slug", queryset=Genre.objects.all(), required=False)
    ratings_min = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    shown = serializers.ChoiceField(
        choices=[name for name in SHOWN if name], required=False, help_text="Only what you have (not) seen."
    )
    order = serializers.ChoiceField(
        choices=ORDERS, default="popular", help_text="`predicted`: by the stars that you would give."
    )

    def wishes(self) -> Wishes:
        asked = dict(self.validated_data)
        if "genre" in asked:
            asked["genre"] = asked["genre"].slug
        return Wishes(words=asked.pop("search"), **asked)


class BrowsedSerializer(serializers.Serializer):
    movie = MovieSerializer()
    predicted_rating = serializers.FloatField(allow_null=True, help_text="Stars, where they make the order.")


@extend_schema_serializer(examples=examples.answer("By predicted stars", BROWSED))
class BrowsedPageSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    notice = serializers.CharField(help_text="Empty, or why the order is another one.")
    results = BrowsedSerializer(many=True)


class Browse(StrictQuery):
    permission_classes = (IsAuthenticated,)
    query_serializer = BrowseRequestSerializer
    pagination_class = NumberedPages

    @extend_schema(operation_id="browse_list", responses=BrowsedPageSerializer)
    def get(self, request: Request) -> Response:
        """The catalogue as you see it: what you have not seen, by the stars that you would give.

        Where nothing can be predicted, the order is by average rating, and `notice` says why.
        """
        listing = listing_of(person(request), self.asked().wishes())
        pages = NumberedPages()
        page: list[int] = pages.paginate_queryset(listing.movie_ids, request, view=self) or []
        results = [
            {"movie": card, "predicted_rating": listing.expected.get(card.id)} for card in movie_cards(page)
        ]
        answer = pages.get_paginated_response(BrowsedSerializer(results, many=True).data)
        answer.data["notice"] = listing.notice
        return answer
