"""Ranking metrics of one user; pure functions. `ranked` holds distinct movies, best first."""

import math
from collections.abc import Collection, Sequence


def recall_at_k(ranked: Sequence[int], relevant: Collection[int], k: int) -> float:
    """Share of the relevant movies that are in the first k (divided by all relevant ones, not by k)."""
    return sum(movie in relevant for movie in ranked[:k]) / len(relevant)


def hit_rate_at_k(ranked: Sequence[int], relevant: Collection[int], k: int) -> float:
    """1 if any of the first k is relevant, else 0."""
    return float(any(movie in relevant for movie in ranked[:k]))


def ndcg_at_k(ranked: Sequence[int], relevant: Collection[int], k: int) -> float:
    """Discounted gain of the first k over that of the best order (Jarvelin and Kekalainen 2002)."""
    gain = sum(1 / math.log2(i + 2) for i, movie in enumerate(ranked[:k]) if movie in relevant)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(k, len(relevant))))
