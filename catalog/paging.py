"""Pages of long lists."""

from collections.abc import Iterator
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

ModelT = TypeVar("ModelT", bound=Model)


def page_of(rows: QuerySet[ModelT], request: HttpRequest, *, size: int) -> Page[ModelT]:
    """The page that the address asks for; the first or last one where that makes no sense."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def page_numbers(page: Page[ModelT]) -> Iterator[int | str]:
    """Numbers to link to, with an ellipsis where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
