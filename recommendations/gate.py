"""The gate: whether a version may go live, by its held-out metrics beside popularity and the live version.

docs/adr/0024-the-gate.md says why the rule is this one.
"""

from dataclasses import asdict, dataclass
from typing import Any

from recommendations.models import ModelVersion
from recommendations.two_tower.bootstrap import CONFIDENCE

MARGIN = 0.05  # share of the live version's nDCG@10 that a new version may lose on held-out data
WORST_MARGIN = 0.2  # the same at the lower end of the interval: what may hide behind the draw of users
FEWEST_USERS = 50  # held out; of fewer the interval says only that they are few


@dataclass(frozen=True)
class GateResult:
    passed: bool
    reason: str
    differences: dict[str, dict[str, float]]  # by "popularity" and "live": mean, low, high

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def check_gate(version: ModelVersion, live: int | None) -> GateResult:
    """Whether `version` beats popularity and keeps up with version `live`, by its held-out metrics."""
    held_out = version.metrics.get("held_out", {})
    refusal = _refusal(held_out) or _comparison_missing(held_out, version.number, live)
    reason = refusal or _praise(held_out)
    return GateResult(refusal is None, reason, held_out.get("differences", {}))


def _refusal(held_out: dict[str, Any]) -> str | None:
    own, popularity = held_out.get("ndcg@10"), held_out.get("popularity_ndcg@10")
    if own is None or popularity is None:
        return "it has no metrics on held-out data"
    if own <= popularity:
        return f"its nDCG@10 {own:.4f} does not beat popularity's {popularity:.4f}"
    live = held_out.get("live_ndcg@10")
    if live is None:
        return None
    if own < live * (1 - MARGIN):
        return f"its nDCG@10 {own:.4f} is more than {MARGIN:.0%} below the live version's {live:.4f}"
    interval = held_out.get("differences", {}).get("live")
    if interval and held_out["users"] >= FEWEST_USERS and interval["low"] < -WORST_MARGIN * live:
        return (
            f"its nDCG@10 {own:.4f} may be more than {WORST_MARGIN:.0%} below the live version's {live:.4f}:"
            f" {_told(interval)}"
        )
    return None


def _comparison_missing(held_out: dict[str, Any], number: int, live: int | None) -> str | None:
    """Another version may have gone live since the training, and its figures be better."""
    compared = held_out.get("live_version")
    if live in (None, number, compared):
        return None
    other = f"version {compared}" if compared else "no other version"
    return f"version {live} is live, and it was compared with {other}: train anew, or overrule the gate"


def _praise(held_out: dict[str, Any]) -> str:
    reason = f"its nDCG@10 {held_out['ndcg@10']:.4f} beats popularity's {held_out['popularity_ndcg@10']:.4f}"
    interval = held_out.get("differences", {}).get("live")
    return f"{reason}; beside the live version {_told(interval)}" if interval else reason


def _told(interval: dict[str, float]) -> str:
    return (
        f"the difference is {interval['mean']:+.4f}, with {CONFIDENCE:.0%} confidence"
        f" from {interval['low']:+.4f} to {interval['high']:+.4f}"
    )
