"""The figures of an experiment as plain data: for its page, the API, and its row when it ends."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from recommendations.experiments.models import Arm, Experiment
from recommendations.experiments.outcomes import Outcomes, Person, outcomes
from recommendations.experiments.shadow_report import shadow_report
from recommendations.experiments.statistics import (
    Floats,
    Ratios,
    bootstrap,
    interval,
    people_needed,
    sample_ratio,
)

METRICS = {  # of the sums of a person: what is divided by what
    "click_rate": ("clicked", "lists"),
    "rating_rate": ("rated", "lists"),
    "hide_rate": ("hidden", "lists"),
    "mean_stars": ("stars", "ratings"),
}
FEW_PEOPLE = 100  # in an arm; below that an interval says little but "wait"


def report(experiment: Experiment) -> dict[str, Any]:
    """What the running experiment has shown since its share was set, or what it had shown at its end."""
    if experiment.result:
        return experiment.result
    if experiment.started_at is None:
        return {}
    if experiment.mode == Experiment.Mode.SHADOW:
        return shadow_report(experiment)
    return ab_report(outcomes(experiment), experiment)


def ab_report(found: Outcomes, experiment: Experiment) -> dict[str, Any]:
    ratios = {arm: _ratios(people) for arm, people in found.arms.items()}
    drawn = {arm: bootstrap(ratios[arm], stream=place) for place, arm in enumerate(ratios)}
    arms = {
        arm: _sums(people) | {"metrics": _estimates(ratios[arm], drawn[arm])}
        for arm, people in found.arms.items()
    }
    control, challenger = found.arms[Arm.CONTROL], found.arms[Arm.CHALLENGER]
    share = experiment.share_of_one
    return {
        "counted_from": experiment.share_since.isoformat() if experiment.share_since else None,
        "arms": arms,
        "differences": _differences(ratios, drawn),
        "people_needed": {name: people_needed(ratio) for name, ratio in ratios[Arm.CONTROL].items()},
        "sample_ratio": asdict(sample_ratio(len(control), len(challenger), share=share)),
        "is_small": min(len(control), len(challenger)) < FEW_PEOPLE,
        "moved": found.moved,
        "is_cut": found.is_cut,
    }


def _ratios(people: Sequence[Person]) -> dict[str, Ratios]:
    def column(name: str) -> Floats:
        return np.array([getattr(person, name) for person in people], np.float64)

    return {name: Ratios(column(above), column(below)) for name, (above, below) in METRICS.items()}


def _sums(people: Sequence[Person]) -> dict[str, int]:
    names = ("lists", "other_model", "ratings")
    return {"people": len(people)} | {name: sum(getattr(person, name) for person in people) for name in names}


def _estimates(ratios: dict[str, Ratios], drawn: dict[str, Floats]) -> dict[str, Any]:
    return {name: asdict(interval(ratio.value, drawn[name])) for name, ratio in ratios.items()}


def _differences(ratios: dict[str, dict[str, Ratios]], drawn: dict[str, dict[str, Floats]]) -> dict[str, Any]:
    """Challenger less control; the arms are drawn independently of each other."""
    found = {}
    for name in METRICS:
        values = [ratios[arm][name].value for arm in (Arm.CHALLENGER, Arm.CONTROL)]
        value = None if None in values else values[0] - values[1]  # type: ignore[operator]
        found[name] = asdict(interval(value, drawn[Arm.CHALLENGER][name] - drawn[Arm.CONTROL][name]))
    return found
