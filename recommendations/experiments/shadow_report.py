"""What the shadow of an experiment showed: how alike the lists are, how long they take, what fails."""

from dataclasses import asdict
from typing import Any

import numpy as np

from recommendations.experiments.models import Arm, Experiment, ShadowComparison
from recommendations.experiments.statistics import Ratios, bootstrap, interval, wilson

COMPARISONS_COUNTED = 20_000  # the latest
PERCENTILES = (50, 95)


def shadow_report(experiment: Experiment) -> dict[str, Any]:
    """Since the share was last set."""
    since = experiment.share_since
    lists = experiment.lists.filter(arm=Arm.SHADOW, created_at__gte=since)
    rows = ShadowComparison.objects.filter(served_list__in=lists).order_by("-created_at")
    fields = ("served_list__user_id", "overlap", "control_ms", "challenger_ms", "challenger_size", "error")
    found = list(rows.values_list(*fields)[:COMPARISONS_COUNTED])
    done = [row for row in found if not row[-1]]
    return {
        "counted_from": since.isoformat() if since else None,
        "lists": lists.count(),
        "compared": len(found),
        "people": len({row[0] for row in found}),
        "overlap": _overlap([(user_id, overlap) for user_id, overlap, *_rest in done if overlap is not None]),
        "milliseconds": {
            "control": _percentiles([row[2] for row in done]),
            "challenger": _percentiles([row[3] for row in done]),
        },
        "empty": asdict(wilson(sum(row[4] == 0 for row in done), len(done))),
        "errors": asdict(wilson(len(found) - len(done), len(found))),
    }


def _overlap(pairs: list[tuple[int, float]]) -> dict[str, Any]:
    """The mean over lists, with an interval by person."""
    sums: dict[int, list[float]] = {}
    for user_id, overlap in pairs:
        total = sums.setdefault(user_id, [0.0, 0.0])
        total[0], total[1] = total[0] + overlap, total[1] + 1
    columns = np.array(list(sums.values()), np.float64).reshape(-1, 2)
    ratios = Ratios(columns[:, 0], columns[:, 1])
    return asdict(interval(ratios.value, bootstrap({"overlap": ratios})["overlap"]))


def _percentiles(milliseconds: list[float]) -> dict[str, float | None]:
    if not milliseconds:
        return {f"p{percent}": None for percent in PERCENTILES}
    return {f"p{percent}": round(float(np.percentile(milliseconds, percent)), 2) for percent in PERCENTILES}
