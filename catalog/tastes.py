"""A user's taste in figures: which stars were given, and to which genres and decades."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Avg, Count, F, QuerySet
from django.db.models.functions import Floor

from catalog.audience import Bar, bars_of
from catalog.models import Rating, User

FEW = 3  # ratings below which a mean says little


@dataclass(frozen=True)
class Group:
    """Movies of a genre or decade that the user rated."""

    name: str
    count: int
    mean: float
    share: float  # from 0 to 100: the count beside that of the largest group
    above: float  # the mean less the user's overall mean, in stars


@dataclass(frozen=True)
class Taste:
    count: int
    mean: float
    genres: list[Group]  # most rated first
    decades: list[Group]  # earliest first
    bars: tuple[Bar, ...]  # how often each half star was given

    @property
    def favourites(self) -> list[Group]:
        """Up to three genres that the user likes better than the rest."""
        liked = [group for group in self.genres if group.count >= FEW and group.above > 0]
        return sorted(liked, key=lambda group: -group.above)[:3]


def taste_of(user: User) -> Taste:
    """Four queries, whatever was rated."""
    ratings = Rating.objects.of(user)
    overall = ratings.aggregate(count=Count("pk"), mean=Avg("stars"))
    mean = overall["mean"] or 0.0
    genres = _groups(ratings.exclude(movie__genres=None), F("movie__genres__name"), mean)
    decades = _groups(ratings.exclude(movie__year=None), Floor(F("movie__year") / 10.0) * 10, mean)
    given = dict(ratings.order_by().values_list("stars").annotate(Count("pk")))
    return Taste(
        count=overall["count"],
        mean=mean,
        genres=sorted(genres, key=lambda group: -group.count),
        decades=sorted(decades, key=lambda group: group.name),
        bars=bars_of(given),
    )


def _groups(ratings: QuerySet[Rating], of: object, overall: float) -> Iterable[Group]:
    rows = list(
        ratings.order_by()
        .values(group=of)
        .annotate(n=Count("pk"), m=Avg("stars"))
        .values_list("group", "n", "m")
    )
    most = max((count for _, count, _ in rows), default=1)
    return [
        Group(
            str(name if isinstance(name, str) else int(name)), count, mean, 100 * count / most, mean - overall
        )
        for name, count, mean in rows
    ]
