"""The ratings stored last: a bound on what a look at recent ones costs, whatever was imported before."""

from catalog.models import Rating
from catalog.models.rating import RatingQuerySet


def latest_ratings(number: int) -> RatingQuerySet:
    """The `number` stored last; one query to find the first of them.

    They are counted as rows, for keys have gaps: on MySQL an import uses one up for each row that it
    finds there already.
    """
    earlier = Rating.objects.order_by("-pk").values_list("pk", flat=True)[number : number + 1]
    return Rating.objects.filter(pk__gt=next(iter(earlier), 0))
