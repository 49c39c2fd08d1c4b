"""Who asks."""

from typing import cast

from rest_framework.request import Request

from catalog.models import User


def person(request: Request) -> User:
    """Whoever asks, where IsAuthenticated has let them pass."""
    return cast(User, request.user)
