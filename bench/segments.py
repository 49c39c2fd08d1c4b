"""Accuracy by kind of user, so that nobody is served badly unseen."""

from collections.abc import Mapping

import numpy as np

from recommendations.two_tower.evaluate import Rankings
from recommendations.two_tower.metrics import hit_rate_at_k, ndcg_at_k, recall_at_k
from recommendations.two_tower.segments import FEW, segments
from recommendations.two_tower.splits import Split


def by_segment(split: Split, ranked: Mapping[str, Rankings]) -> list[dict[str, object]]:
    """A row for each segment: its users, and for each named ranking its mean metrics."""
    users = split.before.user_inputs(np.array(sorted(split.relevant), np.int64))
    ids = [int(user.user_id or 0) for user in users]
    return [
        _row(kind, name, [ids[place] for place in places], split, ranked)
        for kind, name, places in segments(users)
    ]


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
