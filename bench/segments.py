"""Accuracy by kind of user, so that nobody is served badly unseen."""

from collections.abc import Callable, Mapping

import numpy as np

from recommendations.two_tower.data import UserInput
from recommendations.two_tower.evaluate import Rankings
from recommendations.two_tower.metrics import hit_rate_at_k, ndcg_at_k, recall_at_k
from recommendations.two_tower.splits import Split

LIGHT, HEAVY = 50, 200  # ratings: fewer than the first, or at least the second
FEW = 50  # users: a segment with fewer says little

KINDS: dict[str, Callable[[UserInput], str]] = {
    "history": lambda user: _history(len(user.movie_ids)),
    "gender": lambda user: user.gender or "not given",
    "age group": lambda user: "not given" if user.age_group is None else str(user.age_group),
}


def by_segment(split: Split, ranked: Mapping[str, Rankings]) -> list[dict[str, object]]:
    """A row for each segment: its users, and for each named ranking its mean metrics."""
    users = split.before.user_inputs(np.array(sorted(split.relevant), np.int64))
    rows = []
    for kind, segment_of in KINDS.items():
        members: dict[str, list[int]] = {}
        for user in users:
            members.setdefault(segment_of(user), []).append(int(user.user_id or 0))
        if len(members) > 1:
            rows += [_row(kind, name, members[name], split, ranked) for name in sorted(members, key=_place)]
    return rows


def _row(
    kind: str, name: str, users: list[int], split: Split, ranked: Mapping[str, Rankings]
) -> dict[str, object]:
    return {
        "kind": kind,
        "segment": name,
        "users": len(users),
        "few": len(users) < FEW,
        **{model: _means(users, split.relevant, lists) for model, lists in ranked.items()},
    }


def _means(users: list[int], relevant: Mapping[int, set[int]], ranked: Rankings) -> dict[str, float]:
    """Means over the users, and the standard error of that of nDCG@10."""
    pairs = [(ranked.get(user, []), relevant[user]) for user in users]
    ndcg = np.array([ndcg_at_k(movies, wanted, 10) for movies, wanted in pairs])
    return {
        "HR@10": float(np.mean([hit_rate_at_k(movies, wanted, 10) for movies, wanted in pairs])),
        "NDCG@10": float(ndcg.mean()),
        "NDCG@10 error": float(ndcg.std() / len(ndcg) ** 0.5),
        "Recall@20": float(np.mean([recall_at_k(movies, wanted, 20) for movies, wanted in pairs])),
    }


def _history(ratings: int) -> str:
    if ratings < LIGHT:
        return f"light (under {LIGHT})"
    return f"medium ({LIGHT} to {HEAVY - 1})" if ratings < HEAVY else f"heavy ({HEAVY} and more)"


def _place(name: str) -> tuple[int, int, str]:
    """Light before medium before heavy, numbers by size, then the others."""
    histories = ("light", "medium", "heavy")
    first = next((place for place, word in enumerate(histories) if name.startswith(word)), len(histories))
    return first, int(name) if name.isdigit() else 10**6, name
