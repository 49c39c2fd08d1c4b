"""How everybody rated a movie: the figures of the small chart on its page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from catalog.models import Movie, Rating
from catalog.models.rating import STARS

CHART_HEIGHT = 56  # units of the chart's view box
LEAST_HEIGHT = 2


@dataclass(frozen=True)
class Bar:
    stars: float
    count: int
    height: float
    x: int

    @property
    def y(self) -> float:
        return CHART_HEIGHT - self.height


@dataclass(frozen=True)
class Audience:
    count: int
    mean: float | None
    bars: tuple[Bar, ...]


def audience_of(movie: Movie) -> Audience:
    """One query; the bars are scaled so that the highest fills the chart."""
    counts = dict(stars_given(movie))
    total = sum(counts.values())
    mean = sum(stars * count for stars, count in counts.items()) / total if total else None
    return Audience(total, mean, bars_of(counts))


def stars_given(movie: Movie) -> QuerySet[Rating, tuple[float, int]]:
    """Each number of stars and how often it was given; read from an index alone, not from the ratings."""
    return Rating.objects.filter(movie=movie).order_by().values_list("stars").annotate(Count("pk"))


def bars_of(counts: Mapping[float, int]) -> tuple[Bar, ...]:
    """A bar for each half star, from how often it was given."""
    most = max(counts.values(), default=1)
    return tuple(
        Bar(stars, counts.get(stars, 0), _height(counts.get(stars, 0), most), place * 16)
        for place, stars in enumerate(STARS)
    )


def _height(count: int, most: int) -> float:
    return max(LEAST_HEIGHT, round(CHART_HEIGHT * count / most, 1))
