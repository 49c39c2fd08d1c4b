"""What the page of a model version shows beside its fields: gate, figures over k and by segment, curves."""

from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations import vector_index
from recommendations.gate import GateResult, check_gate
from recommendations.models import ModelVersion, TrainingRun
from recommendations.panel.charts import line_chart
from recommendations.retention import disk_use, reasons_to_keep
from recommendations.two_tower.bootstrap import CONFIDENCE
from recommendations.two_tower.comparison import CUTOFFS
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

PERCENT = round(100 * CONFIDENCE)


@dataclass(frozen=True)
class Difference:
    """Of the version's nDCG@10 to another one's, with its interval, as it is read."""

    beside: str
    other: float
    lead: str
    lowest: str
    highest: str


def version_context(version: ModelVersion) -> dict[str, Any]:
    uses, live, fault = _uses(version)
    gate = check_gate(version, live)
    quality = version.metrics.get("quality", {})
    run = TrainingRun.objects.filter(model_version=version).first()
    return {
        "version": version,
        "gate": gate,
        "verdict": version.gate,
        "differences": _differences(version, gate),
        "percent": PERCENT,
        "held_out": version.metrics.get("held_out", {}),
        "gate_ndcg": version.metrics.get("held_out", {}).get("ndcg@10"),
        "uses": uses,
        "index_fault": fault,
        "disk": filesizeformat(disk_use(version.folder)),
        "run": run,
        "cutoffs": CUTOFFS,
        "over_k": _over_k(quality.get("over_k", [])),
        "segments": quality.get("segments", []),
        "curves": _curves(version, run),
    }


def model_names() -> dict[str, str]:
    return {"model": _("this version"), "popularity": _("popularity"), "live": _("the live version then")}


def horizon_names() -> dict[str, str]:
    return {"next": _("the next movie"), "weeks": _("liked in the coming weeks")}


def _differences(version: ModelVersion, gate: GateResult) -> list[Difference]:
    held_out = version.metrics.get("held_out", {})
    names = model_names() | {"live": _live_name(held_out.get("live_version"))}
    return [
        Difference(
            names[name],
            held_out[f"{name}_ndcg@10"],
            *(f"{interval[part]:+.4f}" for part in ("mean", "low", "high")),
        )
        for name, interval in gate.differences.items()
    ]


def _live_name(number: int | None) -> str:
    return _("version %d, live then") % number if number else model_names()["live"]


def _uses(version: ModelVersion) -> tuple[list[str], int | None, str]:
    """Why the version is kept and the number of the live one, or what keeps one from knowing."""
    try:
        live = vector_index.live_collection()
        return reasons_to_keep().get(version.number, []), live.version if live else None, ""
    except (VectorIndexUnavailable, VectorIndexInvalid) as error:
        return [], None, str(error)


def _over_k(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By horizon: a row for each metric and model, and nDCG over k as a picture."""
    models, parts = model_names(), []
    for horizon, title in horizon_names().items():
        own = [row for row in rows if row["horizon"] == horizon]
        if not own:
            continue
        own.sort(key=lambda row: (row["metric"], list(models).index(row["model"])))
        lines = [row | {"model": models[row["model"]], "cells": _cells(row)} for row in own]
        series = {
            row["model"]: list(zip(CUTOFFS, row["values"], strict=True))
            for row in lines
            if row["metric"] == "nDCG"
        }
        chart = line_chart(_("nDCG over k: %s") % title, series)
        has_intervals = any("lows" in row for row in own)
        parts.append({"title": title, "rows": lines, "chart": chart, "has_intervals": has_intervals})
    return parts


def _cells(row: dict[str, Any]) -> list[tuple[float, float | None, float | None]]:
    """Values with the ends of their intervals, which versions of earlier releases do not have."""
    nothing = [None] * len(row["values"])
    return list(zip(row["values"], row.get("lows", nothing), row.get("highs", nothing), strict=True))


def _curves(version: ModelVersion, run: TrainingRun | None) -> list[SafeString]:
    log = version.metrics.get("log", [])
    names = {f"{horizon}_ndcg@10": title for horizon, title in horizon_names().items()}
    metrics = {
        title: [(entry["epoch"], entry[key]) for entry in log if key in entry] for key, title in names.items()
    }
    metrics = {title: line for title, line in metrics.items() if len(line) > 1}
    losses = {"": [(step, loss) for step, loss, _metric in run.curve]} if run else {}
    charts = [
        line_chart(_("nDCG@10 on held-out ratings by epoch"), metrics),
        line_chart(_("Training loss by step"), losses),
    ]
    return [chart for chart in charts if chart]
