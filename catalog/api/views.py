"""Catalogue and own ratings over HTTP: parse, call once, answer."""

from typing import Any

from django.contrib.admin.models import ADDITION, DELETION
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.permissions import (
    SAFE_METHODS,
    DjangoModelPermissionsOrAnonReadOnly,
    IsAuthenticated,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import services
from catalog.api.conditional import ConditionalReads
from catalog.api.filters import MovieFilter
from catalog.api.history import note_in_history
from catalog.api.pagination import MoviePages, RatingPages
from catalog.api.person import person
from catalog.api.serializers import (
    GenreSerializer,
    MovieSerializer,
    MovieWriteSerializer,
    NewRatingSerializer,
    RatingSerializer,
    StarsSerializer,
)
from catalog.models import Genre, Movie, Rating
from movierec.api_views import StrictQuery

RATED = {
    200: OpenApiResponse(RatingSerializer, "Replaced"),
    201: OpenApiResponse(RatingSerializer, "Created"),
}


class OperatorsWrite(DjangoModelPermissionsOrAnonReadOnly):
    """Everybody reads; what changes something is for staff with the permissions of the panel."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        reads = request.method in SAFE_METHODS
        return (reads or request.user.is_staff) and super().has_permission(request, view)


class GenreList(ConditionalReads, generics.ListAPIView):
    """All genres, by name. Answers 304 to If-None-Match or If-Modified-Since while none has changed."""

    queryset = Genre.objects.all()
    serializer_class = GenreSerializer
    pagination_class = None
    filter_backends = ()


class Movies(ConditionalReads, generics.GenericAPIView):
    """Everybody reads what is visible; who may change movies in the panel changes them here, too."""

    permission_classes = (OperatorsWrite,)
    queryset = Movie.objects.for_cards().popular()
    lookup_url_kwarg = "movie_id"

    def get_queryset(self) -> QuerySet[Movie]:
        movies = Movie.objects.for_cards().popular()
        return movies.visible() if self.request.method in SAFE_METHODS else movies

    def get_serializer_class(self) -> type[MovieSerializer | MovieWriteSerializer]:
        return MovieSerializer if self.request.method in SAFE_METHODS else MovieWriteSerializer


@extend_schema_view(
    post=extend_schema(request=MovieWriteSerializer, responses={201: MovieSerializer}),
)
class MovieList(Movies, generics.ListCreateAPIView):
    """Movies: search, filter, sort, page by page; most rated first.

    Answers 304 to an If-None-Match with its ETag while nothing of the page has changed, and to an
    If-Modified-Since while nothing of the catalogue has.
    """

    pagination_class = MoviePages
    filterset_class = MovieFilter

    @transaction.atomic
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a movie. For operators."""
        return self.create(request, *args, **kwargs)

    def perform_create(self, serializer: serializers.BaseSerializer[Movie]) -> None:
        note_in_history(self.request, [serializer.save()], "added over the API", action=ADDITION)


@extend_schema_view(
    put=extend_schema(request=MovieWriteSerializer, responses=MovieSerializer),
    patch=extend_schema(request=MovieWriteSerializer, responses=MovieSerializer),
)
class MovieDetail(Movies, generics.RetrieveUpdateDestroyAPIView):
    """One movie. Answers 304 to an If-None-Match with its ETag while nothing of it has changed."""

    filter_backends = ()

    @transaction.atomic
    def put(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a movie: it takes a `title`, and other fields that are left out stay. For operators."""
        return self.update(request, *args, **kwargs)

    @transaction.atomic
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change fields of a movie; `withdrawn` hides it from everybody. For operators."""
        return self.partial_update(request, *args, **kwargs)

    @transaction.atomic
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a movie with all its ratings. For operators."""
        return self.destroy(request, *args, **kwargs)

    def perform_update(self, serializer: serializers.BaseSerializer[Movie]) -> None:
        fields = ", ".join(serializer.validated_data)
        note_in_history(self.request, [serializer.save()], f"changed over the API: {fields}")

    def perform_destroy(self, instance: Movie) -> None:
        note_in_history(self.request, [instance], "deleted over the API", action=DELETION)
        instance.delete()


class OwnRatings(StrictQuery):
    """The ratings of whoever asks: another person's are not found."""

    permission_classes = (IsAuthenticated,)

    def own_ratings(self) -> QuerySet[Rating]:
        ratings = Rating.objects.of(person(self.request)).filter(movie__withdrawn=False)
        return ratings.select_related("movie", "influence").prefetch_related("movie__genres")

    def rate(self, movie: Movie, stars: float) -> Response:
        """Give `movie` its stars; the answer counts the new rating in."""
        rating, created = services.put_rating(person(self.request), movie, stars=stars)
        rating = self.own_ratings().filter(pk=rating.pk).first() or rating
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(RatingSerializer(rating).data, status=code)


class RatingsRequestSerializer(serializers.Serializer):
    less_used = serializers.BooleanField(default=False)


class RatingList(OwnRatings, generics.ListAPIView):
    """Your ratings, newest first; with `less_used`, those that you let count less than the others."""

    query_serializer = RatingsRequestSerializer
    serializer_class = RatingSerializer
    pagination_class = RatingPages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Rating]:
        ratings = self.own_ratings()
        less_used = self.asked().validated_data["less_used"]
        return ratings.exclude(influence=None) if less_used else ratings

    @extend_schema(request=NewRatingSerializer, responses=RATED)
    def post(self, request: Request) -> Response:
        """Rate a movie, or replace your rating of it."""
        body = NewRatingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.rate(body.validated_data["movie"], body.validated_data["stars"])


class RatingDetail(OwnRatings):
    @extend_schema(responses=RatingSerializer)
    def get(self, request: Request, movie_id: int) -> Response:
        """Your rating of a movie; 404 when you have not rated it."""
        rating = generics.get_object_or_404(self.own_ratings(), movie_id=movie_id)
        return Response(RatingSerializer(rating).data)

    @extend_schema(request=StarsSerializer, responses=RATED)
    def put(self, request: Request, movie_id: int) -> Response:
        """Rate a movie (201), or replace your rating of it (200)."""
        movie = generics.get_object_or_404(Movie.objects.visible(), pk=movie_id)
        body = StarsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.rate(movie, body.validated_data["stars"])

    @extend_schema(responses={204: OpenApiResponse(description="Forgotten")})
    def delete(self, request: Request, movie_id: int) -> Response:
        """Forget your rating of a movie; 404 when there is none."""
        rating = generics.get_object_or_404(Rating, user=person(request), movie_id=movie_id)
        services.remove_rating(rating.user, rating.movie)
        return Response(status=status.HTTP_204_NO_CONTENT)
