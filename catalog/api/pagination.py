"""Pages of lists: by number where people jump, by cursor where rows arrive while one reads."""

import binascii
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model, Q
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from catalog.cards import movie_cards


class StrictPageSize:
    """Refuses a page size that is no number, and cuts one that is too large."""

    page_size: int
    max_page_size: int
    page_size_query_param: str | None = "page_size"

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size")
        if text is None:
            return self.page_size
        size = int(text) if text.isdecimal() and len(text) < 10 else 0
        if not size:
            message = ErrorDetail(_("A whole number from 1 is required."), code="invalid")
            raise ValidationError({"page_size": [message]})
        return min(size, self.max_page_size)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)  # type: ignore[misc]
        for parameter in parameters:
            if parameter["schema"]["type"] == "integer":
                parameter["schema"] |= {"minimum": 1, "maximum": 999_999_999}
        return parameters


class NumberedPages(StrictPageSize, PageNumberPagination):
    page_size = 20
    max_page_size = 100


class MoviePages(NumberedPages):
    """Pages of cards. The query is asked for keys alone, so an index with titles and order answers it."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        return movie_cards(
            super().paginate_queryset(queryset.values_list("pk", flat=True), request, view) or []
        )


class NewestFirst(StrictPageSize, CursorPagination):
    """Newest rows first, from page to page by `next`; one that arrives meanwhile shifts nothing.

    DRF's own cursor counts offsets among rows of the same second, which MovieLens has many of. This
    one remembers time and ID of the last row of the page.
    """

    page_size = 50
    max_page_size = 200
    time_field: str

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        size = self.get_page_size(request)
        rows = queryset.order_by(f"-{self.time_field}", "-id")
        if self.cursor_query_param in request.query_params:
            time, row_id = _decoded(request.query_params[self.cursor_query_param])
            earlier = Q(**{f"{self.time_field}__lt": time})
            rows = rows.filter(earlier | Q(**{self.time_field: time, "id__lt": row_id}))
        found = list(rows[: size + 1])
        self.last: Model | None = found[size - 1] if len(found) > size else None
        return found[:size]

    def get_next_link(self) -> str | None:
        if self.last is None:
            return None
        url = self.request.build_absolute_uri()
        position = _encoded(getattr(self.last, self.time_field), self.last.pk)
        return replace_query_param(url, self.cursor_query_param, position)

    def get_paginated_response(self, data: list[Any]) -> Response:
        return Response({"next": self.get_next_link(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        response: dict[str, Any] = super().get_paginated_response_schema(schema)
        del response["properties"]["previous"]
        return response | {"required": ["next", "results"]}


class RatingPages(NewestFirst):
    time_field = "rated_at"


class MarkPages(NewestFirst):
    time_field = "created_at"


def _encoded(time: datetime, row_id: int) -> str:
    return urlsafe_base64_encode(f"{time.isoformat()} {row_id}".encode())


def _decoded(cursor: str) -> tuple[datetime, int]:
    try:
        time, _space, row_id = urlsafe_base64_decode(cursor).decode("ascii").partition(" ")
        moment, number = datetime.fromisoformat(time), int(row_id)
        if moment.tzinfo is None or number.bit_length() > 63:
            raise NotFound(CursorPagination.invalid_cursor_message)
        return moment.astimezone(UTC), number
    except (ValueError, OverflowError, binascii.Error) as error:
        raise NotFound(CursorPagination.invalid_cursor_message) from error
