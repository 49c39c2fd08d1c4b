"""Query parameters of the movie list."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from catalog.models import Genre, Movie, MovieQuerySet

SEARCH_LENGTH = 100
YEAR_RANGE = (0, 9999)
MOST_RATINGS = 2**31 - 1


@extend_schema_field({"type": "integer", "minimum": YEAR_RANGE[0], "maximum": YEAR_RANGE[1]})
class YearFilter(django_filters.Filter):
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=YEAR_RANGE[0], max_value=YEAR_RANGE[1], **kwargs)


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MOST_RATINGS})
class CountFilter(django_filters.Filter):
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=MOST_RATINGS, **kwargs)


class StableOrderingFilter(django_filters.OrderingFilter):
    """Sorts equals by ID, so that no page repeats or skips a movie."""

    def filter(self, qs: QuerySet[Movie], value: list[str] | None) -> QuerySet[Movie]:
        ordered = super().filter(qs, value)
        return ordered.order_by(*ordered.query.order_by, "id") if value else ordered


class MovieFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(
        method="filter_search",
        max_length=SEARCH_LENGTH,
        strip=False,
        help_text=_("Words of the title, in any order."),
    )
    genre = django_filters.ModelChoiceFilter(
        field_name="genres",
        to_field_name="slug",
        queryset=Genre.objects.all(),
        help_text=_("Slug of a genre, see /api/v1/genres/."),
    )
    year_min = YearFilter(field_name="year", lookup_expr="gte", help_text=_("First year, included."))
    year_max = YearFilter(field_name="year", lookup_expr="lte", help_text=_("Last year, included."))
    ratings_min = CountFilter(field_name="rating_count", lookup_expr="gte", help_text=_("Ratings, at least."))
    ordering = StableOrderingFilter(
        fields={
            "search_title": "title",
            "year": "year",
            "rating_count": "rating_count",
            "rating_mean": "rating_mean",
        },
        help_text=_("Default: most rated first."),
    )

    class Meta:
        model = Movie
        fields: list[str] = []

    def filter_search(self, movies: MovieQuerySet, name: str, value: str) -> MovieQuerySet:
        return movies.matching(value)
