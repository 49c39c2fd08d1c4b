"""What readers do on the site with movies of a list of recommendations: handed on to whoever made the list.

The catalogue makes no such lists. It only takes the ID that came along with a link or a form.
"""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.dispatch import Signal
from django.http import HttpRequest

from catalog.models import Movie, User

CLICKED, HIDDEN = "clicked", "hidden"

happened = Signal()  # user, list_id, movie_id, event


def list_id_in(text: str) -> UUID | None:
    """The ID of a list, or None if `text` is none; addresses and forms can hold anything."""
    try:
        return UUID(text)
    except ValueError:
        return None


def hand_on(user: User | AnonymousUser, movie: Movie, *, list_id: UUID | None, event: str) -> None:
    """Tell that `user` did `event` with `movie` on a list; of visitors, and without a list, nothing."""
    if list_id is not None and user.is_authenticated:
        happened.send(sender=Movie, user=user, list_id=list_id, movie_id=movie.pk, event=event)


def is_opened_by_hand(request: HttpRequest) -> bool:
    """Whether a reader wanted the page, rather than a browser that fetches it in case they might."""
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return request.method == "GET" and "prefetch" not in purpose.lower()
