"""What became of the movies of a served list: kept to tell good lists from bad ones."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import Error, transaction

from catalog.models import Mark, Movie, User
from catalog.services import mark_movie
from recommendations import served_lists
from recommendations.experiments.metrics import FEEDBACK
from recommendations.metrics import count_feedback
from recommendations.models import ListFeedback, ServedList

logger = logging.getLogger(__name__)

Event = tuple[int, str]  # movie ID and ListFeedback.Kind


def record_feedback(user: User, served: ServedList, events: Iterable[Event]) -> list[bool]:
    """Store `events` on the user's own list, and return of each whether it is news.

    A hidden movie is hidden from later lists, too, also when that was told before: it may be visible again.
    """
    answers = []
    with transaction.atomic():
        for movie_id, kind in events:
            if kind == ListFeedback.Kind.HIDDEN and Movie.objects.filter(pk=movie_id).exists():
                mark_movie(user, Movie(pk=movie_id), kind=Mark.Kind.HIDDEN)
            _row, is_new = served.feedback.get_or_create(movie_id=movie_id, kind=kind)
            answers.append(is_new)
            if not is_new:
                continue
            count_feedback(kind, served.source)
            if served.arm:
                FEEDBACK.labels(served.arm, kind).inc()
    return answers


def note_from_site(user: User, list_id: UUID, movie_id: int, event: str, **kwargs: Any) -> None:
    """Store what `user` did on a page, if the list is their own and has the movie; otherwise nothing.

    No page fails for it, also where the database takes no writes, and none waits for a list that is gone.
    """
    try:
        served = served_lists.find(list_id, user, patience=0)
        if served is not None and movie_id in served.movie_ids:
            record_feedback(user, served, [(movie_id, event)])
    except Error as error:
        logger.warning("%s on list %s is not kept: %s", event, list_id, error)
