"""The figures of an experiment as the panel shows them: lines of a table, charts, warnings."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.experiments.models import Arm, Experiment
from recommendations.experiments.report import report
from recommendations.panel.charts import bar_chart
from recommendations.panel.intervals import interval_chart, with_interval

NAMES = {
    "click_rate": gettext_lazy("lists of which a movie was clicked"),
    "rating_rate": gettext_lazy("lists of which a movie was rated within a week"),
    "hide_rate": gettext_lazy("lists of which a movie was hidden within a week"),
    "mean_stars": gettext_lazy("mean stars of ratings that came from lists"),
}
ARMS = {"control": gettext_lazy("control"), "challenger": gettext_lazy("challenger")}


@dataclass(frozen=True)
class MetricLine:
    name: str
    control: str
    challenger: str
    difference: str
    is_clear: bool  # the interval of the difference leaves zero out
    needed: int | None  # people for each arm to see a change of a tenth


@dataclass(frozen=True)
class Figures:
    """What the template shows; `told` are the figures as the API tells them."""

    told: dict[str, Any]
    lines: list[MetricLine]
    charts: list[SafeString]
    warnings: list[str]

    @property
    def empty(self) -> str:
        return with_interval(self.told["empty"], percent=True)

    @property
    def errors(self) -> str:
        return with_interval(self.told["errors"], percent=True)


def figures(experiment: Experiment) -> Figures | None:
    told = report(experiment)
    if not told:
        return None
    if experiment.mode == Experiment.Mode.SHADOW:
        return Figures(told, [], [_overlap_chart(told)], [])
    lines = [_line(name, told) for name in NAMES]
    charts = [*(_chart(name, told) for name in NAMES), _lists_per_day(experiment)]
    return Figures(told, lines, [chart for chart in charts if chart], _warnings(told))


def _line(name: str, told: dict[str, Any]) -> MetricLine:
    percent = name != "mean_stars"
    found, difference = told["arms"], told["differences"][name]
    low, high = difference["low"], difference["high"]
    return MetricLine(
        str(NAMES[name]),
        with_interval(found["control"]["metrics"][name], percent=percent),
        with_interval(found["challenger"]["metrics"][name], percent=percent),
        with_interval(difference, percent=percent, signed=True),
        low is not None and (low > 0 or high < 0),
        told["people_needed"].get(name),
    )


def _chart(name: str, told: dict[str, Any]) -> SafeString:
    rows = [(str(label), told["arms"][arm]["metrics"][name]) for arm, label in ARMS.items()]
    return interval_chart(str(NAMES[name]), rows, percent=name != "mean_stars")


def _overlap_chart(told: dict[str, Any]) -> SafeString:
    label = _("Share of control's first ten movies that the challenger has, too")
    return interval_chart(label, [(_("overlap@10"), told["overlap"])], percent=True)


def _warnings(told: dict[str, Any]) -> list[str]:
    warnings = []
    ratio = told["sample_ratio"]
    if ratio["is_suspicious"]:
        text = _(
            "Sample ratio mismatch: the challenger has %(found).2f %% of the people where %(expected).2f %% "
            "were promised (p = %(p).1g). Something loses people of one arm: believe no figure before it is "
            "found."
        )
        shares = {"found": 100 * ratio["found"], "expected": 100 * ratio["expected"]}
        warnings.append(text % (shares | {"p": ratio["p_value"]}))
    if told["is_small"]:
        warnings.append(_("Fewer than a hundred people in an arm: wait before you read anything into this."))
    if told["is_cut"]:
        warnings.append(_("Only the latest lists are counted; there are more."))
    return warnings


def _lists_per_day(experiment: Experiment) -> SafeString:
    lists = experiment.lists.filter(arm__in=[Arm.CONTROL, Arm.CHALLENGER])
    rows = lists.order_by().values_list(TruncDate("created_at"), "arm").annotate(Count("pk"))
    days: dict[date, dict[str, float]] = {}
    for day, arm, number in rows:
        days.setdefault(day, {})[str(ARMS[arm])] = number
    bars = [(f"{day:%m-%d}", _ordered(days[day])) for day in sorted(days)]
    return bar_chart(_("Lists served, by day and arm"), bars)


def _ordered(values: dict[str, float]) -> dict[str, float]:
    return {str(name): values.get(str(name), 0) for name in ARMS.values()}
