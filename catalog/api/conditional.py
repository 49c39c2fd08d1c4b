"""Reads of the catalogue that cost an empty 304 while nothing has changed: by ETag, and by Last-Modified."""

from typing import Any

from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views.decorators.http import conditional_page
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.freshness import last_change
from movierec.api_views import StrictQuery


@method_decorator(conditional_page, name="dispatch")
class ConditionalReads(StrictQuery):
    """Answers with an ETag of the content, and with the moment at which the catalogue last changed.

    Caches may keep an answer, but ask each time whether it still holds: by the moment alone they would guess
    for how long it does.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Asks for the moment before the content is read: docstring of catalog.freshness."""
        super().initial(request, *args, **kwargs)
        self.changed_at = last_change() if request.method in SAFE_METHODS else None

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if request.method not in SAFE_METHODS or answer.status_code != 200:
            return answer
        answer["Cache-Control"] = "no-cache"
        changed_at = getattr(self, "changed_at", None)
        if changed_at is not None:
            answer["Last-Modified"] = http_date(changed_at.timestamp())
        return answer
