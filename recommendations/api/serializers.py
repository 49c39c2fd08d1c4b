"""What one may ask of the recommender over HTTP, and the JSON of its answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from catalog.api import examples
from catalog.api.fields import FiniteField, MovieIdsField, YearsSerializer
from catalog.api.serializers import MovieSerializer, card_json
from catalog.models import Genre
from recommendations.models import ServedList
from recommendations.predictions import Confidence
from recommendations.reranking import AS_IT_COMES
from recommendations.serving import ListRequest, Recommendation, RecommendationList

MAX_LIMIT = 100


class ListRequestSerializer(YearsSerializer):
    """The query parameters of a list of recommendations."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=20)
    genre = serializers.SlugRelatedField("slug", queryset=Genre.objects.all(), required=False)
    diversity = FiniteField(
        min_value=0, max_value=1, default=0.0, help_text="From 0, surest first, to 1, as different as can be."
    )
    obscurity = FiniteField(
        min_value=0,
        max_value=1,
        default=AS_IT_COMES,
        help_text="From 0, well-known movies first, to 1, little-known ones first; 0.5 as it comes.",
    )
    min_predicted_rating = FiniteField(
        min_value=0.5, max_value=5, required=False, help_text="Stars; counts on personal lists."
    )
    exclude = MovieIdsField(required=False)

    def list_request(self) -> ListRequest:
        asked = self.validated_data
        return ListRequest(
            limit=asked["limit"],
            genre=asked["genre"].slug if "genre" in asked else None,
            year_min=asked.get("year_min"),
            year_max=asked.get("year_max"),
            diversity=asked["diversity"],
            exclude=tuple(asked.get("exclude", ())),
            obscurity=asked["obscurity"],
            min_predicted_rating=asked.get("min_predicted_rating"),
        )


class ReasonSerializer(serializers.Serializer):
    """A movie you rated that brought the recommendation up."""

    id = serializers.IntegerField(source="movie_id")
    title = serializers.CharField()
    your_rating = serializers.FloatField()


class RecommendationSerializer(serializers.Serializer):
    movie = MovieSerializer()
    score = serializers.FloatField(help_text="Higher is better; comparable within one list only.")
    predicted_rating = serializers.FloatField(allow_null=True, help_text="Stars, 0.5 to 5.")
    confidence = serializers.ChoiceField(
        Confidence.choices, allow_null=True, help_text="How sure the predicted rating is."
    )
    because = ReasonSerializer(many=True)


LIST = {
    "source": "personal",
    "model_version": 3,
    "list_id": "6301dde0-85d8-4774-a15a-5dc1e4dd0d78",
    "notice": "",
    "results": [
        {
            "movie": examples.MOVIE,
            "score": 2.28,
            "predicted_rating": 4.35,
            "confidence": "sure",
            "because": [{"id": 1240, "title": "The Terminator", "your_rating": 5.0}],
        }
    ],
}


@extend_schema_serializer(examples=examples.answer("A personal list", LIST))
class RecommendationListSerializer(serializers.Serializer):
    source = serializers.ChoiceField(ServedList.Source.choices)  # type: ignore[assignment]
    model_version = serializers.IntegerField(allow_null=True)
    list_id = serializers.UUIDField()
    notice = serializers.CharField(help_text="Empty, or a sentence on why the list is not a personal one.")
    results = RecommendationSerializer(many=True)


def list_json(served: RecommendationList) -> dict[str, Any]:
    """What RecommendationListSerializer says of a list, in a tenth of the time."""
    return {
        "source": served.source.value,
        "model_version": served.model_version,
        "list_id": str(served.list_id),
        "notice": served.notice,
        "results": [_recommendation_json(one) for one in served.results],
    }


def _recommendation_json(recommended: Recommendation) -> dict[str, Any]:
    return {
        "movie": card_json(recommended.movie),
        "score": recommended.score,
        "predicted_rating": recommended.predicted_rating,
        "confidence": recommended.confidence,
        "because": [
            {"id": reason.movie_id, "title": reason.title, "your_rating": reason.your_rating}
            for reason in recommended.because
        ],
    }


class ContributionSerializer(ReasonSerializer):
    """A rating, and what leaving it out of your history changes."""

    weight = serializers.FloatField(help_text="How much it counts: 1, or less where you said so.")
    contribution = serializers.FloatField(help_text="What the movie's score loses without this rating.")
    share = serializers.FloatField(help_text="Of all positive contributions found, 0 to 1.")
    rank_without = serializers.IntegerField(
        allow_null=True, help_text="Its place without this rating; null below place 200."
    )


WHY: dict[str, Any] = {
    "movie": examples.MOVIE,
    "model_version": None,
    "score": None,
    "rank": None,
    "reasons": [],
    "notice": "Rate some movies first: this one is shown for being popular.",
}


@extend_schema_serializer(examples=examples.answer("Nothing to explain yet", WHY))
class WhySerializer(serializers.Serializer):
    movie = MovieSerializer()
    model_version = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True, help_text="Among all you may be shown; null below 200.")
    reasons = ContributionSerializer(many=True)
    notice = serializers.CharField(help_text="Empty, or a sentence on why there is nothing to explain.")


class SimilarRequestSerializer(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=50, default=12)


@extend_schema_serializer(examples=examples.answer("One movie", {"results": [examples.MOVIE]}))
class SimilarMoviesSerializer(serializers.Serializer):
    results = MovieSerializer(many=True)
