"""Pages of long lists."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest


def page_of(rows: QuerySet[Any] | Sequence[Any], request: HttpRequest, *, size: int) -> Page[Any]:
    """The page that the address asks for; the first or last one where that makes no sense."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    """Numbers to link to, with an ellipsis where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
