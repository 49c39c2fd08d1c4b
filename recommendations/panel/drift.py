"""The state of drift for operators: each measure in words, beside its limit, with its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models import DriftReport
from recommendations.panel.charts import line_chart

REPORTS_CHARTED = 24 * 14
LABELS: dict[str, Any] = {
    "seen_leaks": gettext_lazy("movies on lists that their reader had rated before"),
    "empty_lists": gettext_lazy("share of empty lists"),
    "concentration": gettext_lazy(
        "share of the places on lists taken by the most served hundredth of the movies"
    ),
    "rating_mean": gettext_lazy("stars between the mean of recent ratings and that of the training"),
    "genre_mix": gettext_lazy("distance of the genres rated lately from those of the training, 0 to 1"),
    "unknown_users": gettext_lazy("share of recent ratings by people unknown to the model"),
    "unknown_movies": gettext_lazy("share of recent ratings of movies unknown to the model"),
    "user_norms": gettext_lazy("change of the length of user vectors since the version's first report"),
    "movie_norms": gettext_lazy("share of new movies with a vector longer than any trained one"),
}


@dataclass(frozen=True)
class DriftRow:
    name: str
    label: Any
    value: str
    limit: str
    sample: int
    detail: str
    is_beyond: bool
    chart: SafeString | str = ""


def drift_rows(report: DriftReport, history: Sequence[DriftReport] = ()) -> list[DriftRow]:
    """The measures of `report`, and charts of their values in `history`, whose newest comes first."""
    return [
        DriftRow(
            name=name,
            label=LABELS[name],
            value=_figure(found["value"]) if found["value"] is not None else _("too little to tell"),
            limit=_figure(found["limit"]),
            sample=found["sample"],
            detail=", ".join(f"{what} {_figure(figure)}" for what, figure in found["detail"].items()),
            is_beyond=name in report.alerts,
            chart=_chart(name, history),
        )
        for name, found in report.measures.items()
        if name in LABELS
    ]


def latest_reports() -> list[DriftReport]:
    return list(DriftReport.objects.all()[:REPORTS_CHARTED])


def _chart(name: str, history: Sequence[DriftReport]) -> SafeString:
    """Value and limit by hours before the newest report."""
    if not history:
        return SafeString("")
    newest = history[0].created_at
    values: list[tuple[float, float]] = []
    limits: list[tuple[float, float]] = []
    for report in reversed(history):
        found = report.measures.get(name, {})
        if found.get("value") is not None:
            hours = (report.created_at - newest).total_seconds() / 3600
            values.append((round(hours, 1), found["value"]))
            limits.append((round(hours, 1), found["limit"]))
    lines = {_("measured"): values, _("limit"): limits}
    return (
        line_chart(str(LABELS[name]), lines, unit=_("h"))
        if len({hours for hours, _value in values}) > 1
        else SafeString("")
    )


def _figure(value: float) -> str:
    return f"{value:.4g}"
