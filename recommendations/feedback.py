"""What became of the movies of a served list: kept to tell good lists from bad ones."""

from collections.abc import Iterable

from django.db import transaction

from catalog.models import Mark, Movie, User
from catalog.services import mark_movie
from recommendations.experiments.metrics import FEEDBACK
from recommendations.metrics import count_feedback
from recommendations.models import ListFeedback, ServedList

Event = tuple[int, str]  # movie ID and ListFeedback.Kind


def record_feedback(user: User, served: ServedList, events: Iterable[Event]) -> list[bool]:
    """Store `events` on the user's own list, and return of each whether it is news.

    A hidden movie is hidden from later lists, too.
    """
    answers = []
    with transaction.atomic():
        for movie_id, kind in events:
            _row, is_new = served.feedback.get_or_create(movie_id=movie_id, kind=kind)
            answers.append(is_new)
            if not is_new:
                continue
            count_feedback(kind, served.source)
            if served.arm:
                FEEDBACK.labels(served.arm, kind).inc()
            if kind == ListFeedback.Kind.HIDDEN and Movie.objects.filter(pk=movie_id).exists():
                mark_movie(user, Movie(pk=movie_id), kind=Mark.Kind.HIDDEN)
    return answers
