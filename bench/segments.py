"""Accuracy by kind of user, so that nobody is served badly unseen; and by how long ago they rated before."""

from collections.abc import Mapping

import numpy as np

from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.evaluate import Rankings
from recommendations.two_tower.metrics import hit_rate_at_k, ndcg_at_k, recall_at_k
from recommendations.two_tower.segments import FEW, segments
from recommendations.two_tower.splits import Split

PAUSES = {  # seconds between the rating asked for and the one before it, at most
    "in the same second": 0.0,
    "within a minute": 60.0,
    "within an hour": 3_600.0,
    "later": float("inf"),
}


def by_segment(split: Split, ranked: Mapping[str, Rankings]) -> list[dict[str, object]]:
    """A row for each segment: its users, and for each named ranking its mean metrics."""
    users = split.before.user_inputs(np.array(sorted(split.relevant), np.int64))
    ids = [int(user.user_id or 0) for user in users]
    return [
        _row(kind, name, [ids[place] for place in places], split, ranked)
        for kind, name, places in segments(users)
    ]


def by_pause(data: TrainingData, split: Split, ranked: Mapping[str, Rankings]) -> list[dict[str, object]]:
    """The same by the pause before the rating asked for, where that is one for each user (leave-one-out)."""
    times = dict(
        zip(zip(data.user_ids.tolist(), data.movie_ids.tolist(), strict=True), data.timestamps, strict=True)
    )
    users, edges = sorted(split.relevant), list(PAUSES.values())
    asked = np.array([times[user, *split.relevant[user]] for user in users])
    last = [user.timestamps[-1] for user in split.before.user_inputs(np.array(users, np.int64))]
    places = np.searchsorted(edges, asked - np.array(last))
    members = [[users[i] for i in np.flatnonzero(places == place)] for place in range(len(edges))]
    return [
        _row("pause", name, of_segment, split, ranked)
        for name, of_segment in zip(PAUSES, members, strict=True)
        if of_segment
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
