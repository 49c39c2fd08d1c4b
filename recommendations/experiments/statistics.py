"""Estimates with intervals for an experiment: arrays in, numbers out; knows no database.

A person is the unit that is assigned to an arm, so people are what is drawn again for an interval: lists of
one person are alike, and intervals that took them for independent would be too narrow (Bakshy and Eckles,
"Uncertainty in Online Experiments with Dependent Data", KDD 2013).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z95 = 1.959964  # standard normal quantile of 97.5 %
DRAWS = 1_000
SEED = 20_260
SRM_ALARM = 0.001
NEGLIGIBLE = 1e-12  # of a sum of falling terms: what follows no longer changes it
POWER_FACTOR = 16.0  # 2 (1.96 + 0.84)^2: 80 % power at 5 %, two sided


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; None where there is nothing to tell it from."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class SampleRatio:
    """Whether the arms have the people that the share promises."""

    expected: float  # share of the challenger, from 0 to 1
    found: float | None
    p_value: float | None
    is_suspicious: bool


@dataclass(frozen=True)
class Ratios:
    """A metric that is a ratio of sums over people: for each person numerator and denominator."""

    above: Floats
    below: Floats

    @property
    def value(self) -> float | None:
        total = float(self.below.sum())
        return float(self.above.sum()) / total if total else None


def wilson(hits: int, trials: int) -> Estimate:
    """A share of independent trials, by Wilson's score interval (JASA 22, 1927)."""
    if not trials:
        return Estimate(None)
    share, z2 = hits / trials, Z95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return Estimate(share, max(centre - half, 0.0), min(centre + half, 1.0))


def bootstrap(metrics: Mapping[str, Ratios], *, draws: int = DRAWS, stream: int = 0) -> dict[str, Floats]:
    """[draws] values of each metric with its people drawn anew with replacement; nan without a denominator.

    All metrics are of the same people in the same order. Other people want another `stream` of random
    numbers: places drawn alike would make draws of both rise and fall together. Efron, Annals of Statistics
    7, 1979.
    """
    columns = np.stack([side for ratios in metrics.values() for side in (ratios.above, ratios.below)], axis=1)
    generator, people = np.random.default_rng([SEED, stream]), len(columns)
    sums = np.full((draws, columns.shape[1]), 0.0)
    if people:
        for draw in range(draws):
            sums[draw] = columns[generator.integers(0, people, people)].sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = sums[:, 0::2] / sums[:, 1::2]
    return {name: drawn[:, place] for place, name in enumerate(metrics)}


def interval(value: float | None, drawn: Floats) -> Estimate:
    """The 2.5 % and 97.5 % quantiles of what was drawn around `value`."""
    known = drawn[np.isfinite(drawn)]
    if value is None or not len(known):
        return Estimate(value)
    low, high = np.quantile(known, [0.025, 0.975])
    return Estimate(value, float(low), float(high))


def sample_ratio(control: int, challenger: int, *, share: float) -> SampleRatio:
    """Binomial test of the numbers of people against the `share` (between 0 and 1).

    It is exact: of the few people that a small share promises chi-square tells nothing. Below SRM_ALARM
    something loses people of one arm, and no metric can be believed (Fabijan et al., "Diagnosing Sample Ratio
    Mismatch in Online Controlled Experiments", KDD 2019).
    """
    people = control + challenger
    if not people:
        return SampleRatio(share, None, None, False)
    p_value = _two_sided(challenger, people, share)
    return SampleRatio(share, challenger / people, p_value, p_value < SRM_ALARM)


def _two_sided(hits: int, trials: int, share: float) -> float:
    """Twice the chance of as many hits or more where they are many; where they are few, or fewer."""
    constant = math.lgamma(trials + 1)
    tail = 0.0
    for n in range(hits, trials + 1) if hits > trials * share else range(hits, -1, -1):
        ways = constant - math.lgamma(n + 1) - math.lgamma(trials - n + 1)
        chance = math.exp(ways + n * math.log(share) + (trials - n) * math.log1p(-share))
        tail += chance
        if chance <= tail * NEGLIGIBLE:
            break
    return min(2 * tail, 1.0)


def people_needed(ratios: Ratios, *, relative: float = 0.1) -> int | None:
    """People for each arm from which a `relative` change of the metric is seen four times of five.

    16 times variance over difference squared (van Belle, Statistical Rules of Thumb, 2.1), with the variance
    of the ratio's linear part by person (the delta method: Deng et al., KDD 2018).
    """
    value, people = ratios.value, len(ratios.below)
    if not value or people < 2:
        return None
    linear = (ratios.above - value * ratios.below) / ratios.below.mean()
    return math.ceil(POWER_FACTOR * float(linear.var(ddof=1)) / (relative * value) ** 2)
