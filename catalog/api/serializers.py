"""JSON of movies, genres and ratings."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from catalog.api import examples
from catalog.cards import MovieCard
from catalog.models import Genre, Influence, Movie, Rating
from catalog.models.rating import STARS
from movierec.api_types import JsonBody
from movierec.converters import LARGEST_ID

MOVIE: dict[str, Any] = {  # in examples
    "id": 1,
    "title": "Matrix, The",
    "display_title": "The Matrix",
    "year": 1999,
    "genres": [{"name": "Sci-Fi", "slug": "sci-fi"}],
    "rating_count": 2590,
    "rating_mean": 4.3,
    "movielens_id": 2571,
    "imdb_id": "tt0133093",
    "tmdb_id": 603,
    "url": "/movies/1/",
}


@extend_schema_field({"type": "number", "minimum": 0.5, "maximum": 5, "multipleOf": 0.5})
class StarsField(serializers.FloatField):
    """Half stars from 0.5 to 5; neither a boolean nor NaN."""

    default_error_messages = {"stars": _("Must be a number of half stars from 0.5 to 5.")}

    def to_internal_value(self, data: Any) -> float:
        stars = super().to_internal_value(data)
        if isinstance(data, bool) or stars not in STARS:
            self.fail("stars")
        return stars


@extend_schema_serializer(examples=examples.answer("A genre", examples.GENRE))
class GenreSerializer(serializers.ModelSerializer):
    class Meta:
        model = Genre
        fields = ["name", "slug"]


@extend_schema_serializer(examples=examples.answer("A movie", examples.MOVIE))
class MovieSerializer(serializers.ModelSerializer):
    """A movie, or its card: both have these attributes."""

    genres = GenreSerializer(many=True, read_only=True)
    display_title = serializers.CharField(
        read_only=True, help_text='As people say it: "The Matrix" where the title is "Matrix, The".'
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True, help_text="Its page on the site.")

    class Meta:
        model = Movie
        fields = [
            "id",
            "title",
            "display_title",
            "year",
            "genres",
            "rating_count",
            "rating_mean",
            "movielens_id",
            "imdb_id",
            "tmdb_id",
            "url",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Movie | MovieCard) -> dict[str, Any]:
        """Lists are made of cards."""
        if isinstance(instance, MovieCard):
            return card_json(instance)
        return super().to_representation(instance)


def card_json(card: MovieCard) -> dict[str, Any]:
    """What MovieSerializer says of a card, in a tenth of the time."""
    return {
        "id": card.id,
        "title": card.title,
        "display_title": card.display_title,
        "year": card.year,
        "genres": [{"name": genre.name, "slug": genre.slug} for genre in card.genres],
        "rating_count": card.rating_count,
        "rating_mean": card.rating_mean,
        "movielens_id": card.movielens_id,
        "imdb_id": card.imdb_id,
        "tmdb_id": card.tmdb_id,
        "url": card.url,
    }


@extend_schema_serializer(examples=examples.body("A movie", examples.NEW_MOVIE))
class MovieWriteSerializer(JsonBody, serializers.ModelSerializer):
    """Body of an operator's POST, PUT or PATCH; genres by slug. The answer is what everybody reads."""

    genres = serializers.SlugRelatedField(
        slug_field="slug", queryset=Genre.objects.all(), many=True, required=False
    )

    class Meta:
        model = Movie
        fields = ["title", "year", "genres", "movielens_id", "imdb_id", "tmdb_id", "withdrawn"]
        extra_kwargs = {
            "year": {"min_value": 1870, "max_value": 2200},
            "movielens_id": {"max_value": LARGEST_ID},
            "tmdb_id": {"max_value": LARGEST_ID},
        }

    def update(self, instance: Movie, validated_data: dict[str, Any]) -> Movie:
        genres = validated_data.pop("genres", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save_edited(validated_data)
        if genres is not None:
            instance.genres.set(genres)
        return instance

    def to_representation(self, instance: Movie) -> dict[str, Any]:
        return MovieSerializer(instance, context=self.context).data


@extend_schema_serializer(examples=examples.answer("A rating", examples.RATING))
class RatingSerializer(serializers.ModelSerializer):
    movie = MovieSerializer(read_only=True)
    weight = serializers.SerializerMethodField(
        help_text="How much it counts for recommendations: 1, 0.5 or 0."
    )

    class Meta:
        model = Rating
        fields = ["movie", "stars", "rated_at", "weight"]
        read_only_fields = fields

    def get_weight(self, rating: Rating) -> float:
        influence: Influence | None = getattr(rating, "influence", None)
        return 1.0 if influence is None else influence.weight


@extend_schema_serializer(examples=examples.body("Four and a half stars", {"stars": 4.5}))
class StarsSerializer(JsonBody):
    """Body of PUT: the stars alone, as the address names the movie."""

    stars = StarsField()


@extend_schema_serializer(examples=examples.body("A rating", {"movie_id": 2571, "stars": 4.5}))
class NewRatingSerializer(StarsSerializer):
    """Body of POST: the stars and the movie."""

    movie_id = serializers.PrimaryKeyRelatedField(
        queryset=Movie.objects.visible(), source="movie", pk_field=serializers.IntegerField(min_value=1)
    )
