"""What the recommender keeps of a user, for the export of their data: the lists that it showed them, and
what they did with them."""

from typing import Any

from catalog.models import Movie, User
from recommendations.models import ListFeedback, ServedList


def served_lists(user: User) -> list[dict[str, Any]]:
    """Oldest first; two queries. Of a list, which may be long, only what is told."""
    own = ServedList.objects.filter(user=user).order_by("created_at")
    lists = list(own.only("created_at", "source", "model_version", "movie_ids"))
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


def feedback(user: User) -> list[dict[str, Any]]:
    """Oldest first; two queries. A movie that is gone has no title."""
    events = list(
        ListFeedback.objects.filter(served_list__user=user)
        .select_related("served_list")
        .only("movie_id", "kind", "created_at", "served_list__created_at")
        .order_by("created_at", "pk")
    )
    told = {event.movie_id for event in events}
    titles = dict(Movie.objects.filter(pk__in=told).values_list("pk", "title"))
    return [
        {
            "told_at": event.created_at.isoformat(),
            "movie": titles.get(event.movie_id, ""),
            "event": event.kind,
            "list_served_at": event.served_list.created_at.isoformat(),
        }
        for event in events
    ]
