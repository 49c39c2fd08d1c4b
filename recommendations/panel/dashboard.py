"""The first page of the panel: each part is read by itself, and says so when its engine is away."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Movie, MovieChange
from movierec.engines import EngineState, engine_states
from recommendations import vector_index
from recommendations.experiments.models import Experiment
from recommendations.models import DriftReport, ModelVersion, ServedList, TrainingRun
from recommendations.panel.charts import bar_chart
from recommendations.panel.drift import drift_rows
from recommendations.panel.traffic import (
    PerDay,
    clicked_share,
    fallback_share,
    lists_per_day,
    rated_share,
    ratings_per_day,
)
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

logger = logging.getLogger(__name__)

DAYS = 14
FAULTS = (VectorIndexUnavailable, VectorIndexInvalid, DatabaseError, InterfaceError)


@dataclass(frozen=True)
class Line:
    name: str
    value: str
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Part:
    title: Any
    lines: Sequence[Line] = ()
    chart: SafeString | str = ""
    url: str = ""
    fault: str = ""  # what is away, instead of the figures


def dashboard() -> list[Part]:
    """Every part, within seconds whatever is down."""
    parts: list[tuple[Any, Callable[[Any], Part]]] = [
        (gettext_lazy("Live model"), _live_model),
        (gettext_lazy("Index"), _index),
        (gettext_lazy("Engines and queues"), _engines),
        (gettext_lazy("Latest trainings"), _trainings),
        (gettext_lazy("Lists served"), _lists),
        (gettext_lazy("Drift"), _drift),
        (gettext_lazy("Ratings"), _ratings),
    ]
    return [_read(title, read) for title, read in parts]


def _read(title: Any, read: Callable[[Any], Part]) -> Part:
    try:
        return read(title)
    except FAULTS as error:
        logger.warning("%s: %s", title, error)
        return Part(title, fault=_("Out of reach: %s") % error)


def _live_model(title: Any) -> Part:
    live = vector_index.live_collection()
    if live is None:
        return Part(title, [Line(_("version"), _("none was ever promoted"), is_bad=True)])
    version = ModelVersion.objects.filter(number=live.version).first()
    if version is None:
        return Part(title, [Line(_("version"), _("%s, not registered") % live.version, is_bad=True)])
    url = reverse("admin:recommendations_modelversion_change", args=[version.pk])
    lines = [
        Line(_("version"), str(version.number), url),
        Line(_("age"), timesince(version.created_at)),
        Line(_("live for"), timesince(version.promoted_at) if version.promoted_at else "–"),
        *_experiment(),
    ]
    held_out = version.metrics.get("held_out", {})
    names = {"ndcg@10": "nDCG@10", "popularity_ndcg@10": _("nDCG@10 of popularity")}
    lines += [Line(name, f"{held_out[key]:.4f}") for key, name in names.items() if key in held_out]
    return Part(title, lines, url=url)


def _experiment() -> list[Line]:
    return [
        Line(
            _("experiment"),
            _("version %(number)s, %(share)s %%") % {"number": running.challenger, "share": running.share},
            reverse("admin:recommendations_experiment_change", args=[running.pk]),
        )
        for running in Experiment.objects.running()
    ]


def _index(title: Any) -> Part:
    visible = Movie.objects.visible().count()
    pending = MovieChange.objects.pending().aggregate(number=Count("pk"), oldest=Min("created_at"))
    lag = (timezone.now() - pending["oldest"]).total_seconds() if pending["oldest"] else 0.0
    lines = [
        Line(_("movies in the catalogue"), f"{visible:,}"),
        Line(_("changes on their way"), f"{pending['number']:,}"),
        Line(_("oldest of them"), _("%.0f s") % lag, is_bad=lag > 30),
    ]
    try:
        live = vector_index.live_collection()
        rows = vector_index.count(live, fresh=False) if live else 0
    except (VectorIndexUnavailable, VectorIndexInvalid) as error:
        logger.warning("index: %s", error)
        lines.insert(0, Line(_("movies in the index"), _("Milvus is out of reach"), is_bad=True))
    else:
        lines.insert(0, Line(_("movies in the index"), f"{rows:,}", is_bad=rows != visible))
    return Part(title, lines, url=reverse("admin:recommendations_indexjob_changelist"))


def _engines(title: Any) -> Part:
    states = engine_states()
    lines = [Line(name, _state(state), is_bad=not state.up) for name, state in states.items()]
    depths = states["broker"].answer or {}
    lines += [Line(_("waiting in queue %s") % queue, str(depth)) for queue, depth in depths.items()]
    return Part(title, lines)


def _state(state: EngineState) -> str:
    return _("up, %.0f ms") % (1000 * state.seconds) if state.up else _("down")


def _trainings(title: Any) -> Part:
    runs = TrainingRun.objects.select_related("model_version")[:5]
    lines = [
        Line(
            f"{run.pk}, {run.created_at:%Y-%m-%d %H:%M}",
            f"{run.get_state_display()}{f', {run.model_version}' if run.model_version else ''}",
            reverse("admin:recommendations_trainingrun_change", args=[run.pk]),
            is_bad=run.state == TrainingRun.State.FAILED,
        )
        for run in runs
    ]
    return Part(title, lines, url=reverse("admin:recommendations_trainingrun_changelist"))


def _lists(title: Any) -> Part:
    lists = lists_per_day(DAYS)
    share, rated, clicked = fallback_share(lists), rated_share(DAYS), clicked_share(DAYS)
    lines = [
        Line(_("fallbacks to popular movies"), "–" if share is None else f"{share:.1%}"),
        Line(_("lists of which a movie was clicked"), "–" if clicked is None else f"{clicked:.1%}"),
        Line(
            _("lists of which a movie was rated within a week"),
            _("%(share).1f %% of %(number)d") % {"share": 100 * rated[0], "number": rated[1]}
            if rated
            else "–",
        ),
    ]
    names = {source.value: str(source.label) for source in ServedList.Source}
    chart = _per_day(_("Lists served to members, by day and source"), lists, names)
    return Part(title, lines, chart, reverse("admin:recommendations_servedlist_changelist"))


def _drift(title: Any) -> Part:
    report = DriftReport.objects.first()
    rows = drift_rows(report) if report else []
    lines = [
        Line(str(row.label), _("%(value)s, limit %(limit)s") % vars(row), is_bad=row.is_beyond)
        for row in rows
        if row.is_beyond
    ]
    if report and not lines:
        lines = [Line(_("measures beyond their limit"), "0")]
    if report:
        lines.append(Line(_("measured"), str(naturaltime(report.created_at))))
    return Part(title, lines, url=reverse("admin:recommendations_driftreport_changelist"))


def _ratings(title: Any) -> Part:
    ratings = ratings_per_day(DAYS)
    number = sum(sum(values.values()) for _day, values in ratings)
    lines = [Line(_("in the last %d days") % DAYS, f"{number:,}")]
    chart = _per_day(_("Ratings by day"), ratings, {"": ""})
    return Part(title, lines, chart, reverse("admin:catalog_rating_changelist"))


def _per_day(label: str, days: PerDay, names: dict[str, str]) -> SafeString:
    bars = [
        (f"{day:%m-%d}", {names[key]: values[key] for key in names if key in values}) for day, values in days
    ]
    return bar_chart(label, bars)
