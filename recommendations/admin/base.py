"""What the pages of the recommender share: rows that only it writes, buttons, tables of figures."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from movierec.broker import BrokerUnavailable
from recommendations.experiments.ending import ExperimentEnded
from recommendations.experiments.lifecycle import ExperimentRefused
from recommendations.index_jobs import JobEnded
from recommendations.leases import LeaseTaken
from recommendations.live_model import NoActiveModel
from recommendations.promotion import PromotionRefused
from recommendations.run_queue import RunEnded
from recommendations.two_tower.config import ConfigInvalid
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable
from recommendations.work_orders import order

REFUSALS = (
    ConfigInvalid,
    ExperimentEnded,
    ExperimentRefused,
    JobEnded,
    LeaseTaken,
    NoActiveModel,
    PromotionRefused,
    RunEnded,
    VectorIndexInvalid,
    VectorIndexUnavailable,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the recommender writes. `buttons` are what an operator may have done with one."""

    buttons: tuple[str, ...] = ()  # methods (request, row) -> None, each with a URL of its name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may_operate(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:pk>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(self._press(name)),
                name=self._url_name(name),
            )
            for name in self.buttons
        ]
        return own + super().get_urls()

    def _url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _press(self, name: str) -> Callable[..., HttpResponse]:
        def press(request: HttpRequest, pk: int) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            if not self.may_operate(request):
                raise PermissionDenied
            row = self.get_object(request, str(pk))
            if row is None:
                return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))  # type: ignore[attr-defined]
            try:
                getattr(self, name)(request, row)
            except REFUSALS as error:
                self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(self.url_of(row))

        return press

    def url_of(self, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def order(self, request: HttpRequest, task: Any, *arguments: Any, done: str, **options: Any) -> None:
        """Hand work to a worker, and say whether one hears of it now."""
        try:
            order(task, *arguments, **options)
        except BrokerUnavailable as error:
            self.message_user(request, f"No worker can be reached now: {error}", messages.WARNING)
        else:
            self.message_user(request, done, messages.SUCCESS)


def table(figures: dict[str, Any]) -> SafeString:
    """Names and values as a table; what is nested, by its path."""
    rows = [(name, shown(value)) for name, value in _flat(figures)]
    return format_html("<table>{}</table>", format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows))


def rows_table(rows: list[dict[str, Any]]) -> SafeString:
    """Rows of the same figures as a table with a line of headings."""
    if not rows:
        return SafeString("–")
    head = format_html_join("", "<th>{}</th>", ((name,) for name in rows[0]))
    lines = [format_html_join("", "<td>{}</td>", ((shown(v),) for v in row.values())) for row in rows]
    return format_html(
        "<table><tr>{}</tr>{}</table>", head, format_html_join("", "<tr>{}</tr>", ((line,) for line in lines))
    )


def shown(value: Any) -> str:
    return (
        f"{value:.4f}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
    )


def _flat(figures: dict[str, Any], path: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in figures.items():
        rows += _flat(value, f"{path}{name} / ") if isinstance(value, dict) else [(f"{path}{name}", value)]
    return rows
