"""The panel's history of rows, where what operators change over the API is told, too."""

from collections.abc import Sequence
from typing import cast

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model
from rest_framework.request import Request

from catalog.models import User


def note_in_history(request: Request, rows: Sequence[Model], message: str, *, action: int = CHANGE) -> None:
    """Whoever asks did this to each of the rows."""
    operator = cast(User, request.user)
    LogEntry.objects.log_actions(operator.pk, rows, action, change_message=message)
