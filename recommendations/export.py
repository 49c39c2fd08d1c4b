"""What the recommender keeps of a user, for the export of their data: the lists that it showed them."""

from typing import Any

from catalog.models import Movie, User
from recommendations.models import ServedList


def served_lists(user: User) -> list[dict[str, Any]]:
    """Oldest first; two queries."""
    lists = list(ServedList.objects.filter(user=user).order_by("created_at"))
    shown = {pk for served in lists for pk in served.movie_ids}
    titles = dict(Movie.objects.filter(pk__in=shown).values_list("pk", "title"))
    return [
        {
            "served_at": served.created_at.isoformat(),
            "source": served.source,
            "model_version": served.model_version,
            "movies": "; ".join(titles[pk] for pk in served.movie_ids if pk in titles),
        }
        for served in lists
    ]
