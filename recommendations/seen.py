"""What a user must not be shown again."""

from collections.abc import Iterable

from catalog.models import Mark, Rating, User


def movies_to_leave_out(user: User | None, *, rated: Iterable[int] | None = None) -> set[int]:
    """IDs of the movies that `user` rated, hid or did not finish. `rated` saves the query for the first."""
    if user is None:
        return set()
    if rated is None:
        rated = Rating.objects.filter(user=user).values_list("movie_id", flat=True)
    kinds = [Mark.Kind.HIDDEN, Mark.Kind.UNFINISHED]
    marked = Mark.objects.filter(user=user, kind__in=kinds).values_list("movie_id", flat=True)
    return {int(movie_id) for movie_id in rated} | set(marked)
