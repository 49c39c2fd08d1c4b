"""What the shadow of an experiment showed: how alike the lists are, how long they take, what fails."""

from collections.abc import Iterable
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
        "overlap": _by_person((row[0], row[1]) for row in done if row[1] is not None),
        "milliseconds": {
            "control": _percentiles([row[2] for row in done]),
            "challenger": _percentiles([row[3] for row in done]),
        },
        "empty": _by_person((row[0], row[4] == 0) for row in done),
        "errors": _by_person((row[0], bool(row[-1])) for row in found),
    }


def _by_person(pairs: Iterable[tuple[int, float]]) -> dict[str, Any]:
    """The mean over lists of what is from 0 to 1 of each, given with whose it is; an interval by person.

    Where all lists are alike, drawing people anew would leave no doubt: there it is Wilson's, of as many
    trials as people.
    """
    sums: dict[int, list[float]] = {}
    for user_id, value in pairs:
        total = sums.setdefault(user_id, [0.0, 0.0])
        total[0], total[1] = total[0] + value, total[1] + 1
    columns = np.array(list(sums.values()), np.float64).reshape(-1, 2)
    ratios = Ratios(columns[:, 0], columns[:, 1])
    if ratios.value in (0.0, 1.0):
        return asdict(wilson(len(sums) * int(ratios.value), len(sums)))
    return asdict(interval(ratios.value, bootstrap({"": ratios})[""]))


def _percentiles(milliseconds: list[float]) -> dict[str, float | None]:
    if not milliseconds:
        return {f"p{percent}": None for percent in PERCENTILES}
    return {f"p{percent}": round(float(np.percentile(milliseconds, percent)), 2) for percent in PERCENTILES}
