"""Re-ranking: from the best candidates to a list in which neighbours differ."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

POOL_FACTOR = 5  # so many candidates per place on the list are weighed when diversity is asked for


AS_IT_COMES = 0.5  # obscurity that leaves popularity as the model sees it
WIDE_POOL = 300  # candidates at least, where little-known or well-known ones are looked for
MOST_PULL = 0.8  # what popularity decides at either end; the rest is the score


def pool_size(limit: int, diversity: float, obscurity: float = AS_IT_COMES) -> int:
    """How many candidates `lean` and `rerank` want for a list of `limit`."""
    if obscurity != AS_IT_COMES:
        return max(limit * POOL_FACTOR, WIDE_POOL)
    return limit if diversity == 0 else limit * POOL_FACTOR


def lean(scores: Sequence[float], rating_counts: Sequence[int], obscurity: float) -> list[float]:
    """Scores that lean towards well-known movies (obscurity 0) or little-known ones (1); as they are at 0.5.

    A mixture of the score and the logarithm of the number of ratings, both scaled to [0, 1].
    """
    if obscurity == AS_IT_COMES or not len(scores):
        return list(scores)
    pull = MOST_PULL * abs(2 * obscurity - 1)
    known = _scaled(np.log1p(np.asarray(rating_counts, np.float32)))
    wanted = 1 - known if obscurity > AS_IT_COMES else known
    mixed = (1 - pull) * _scaled(np.asarray(scores, np.float32)) + pull * wanted
    return [float(value) for value in mixed]


def rerank(
    scores: Sequence[float], directions: NDArray[np.float32], *, limit: int, diversity: float
) -> list[int]:
    """Positions of at most `limit` of the candidates, best first.

    Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each place goes to the candidate
    with the highest (1 - diversity) · relevance - diversity · similarity to what is already chosen.
    Relevance is the score scaled to [0, 1], similarity the highest inner product of the movies'
    `directions` [candidates, n]. Diversity 0 keeps the order of the scores.
    """
    if diversity == 0 or len(scores) <= 1:
        return sorted(range(len(scores)), key=lambda i: -scores[i])[:limit]
    relevance = _scaled(np.asarray(scores, np.float32))
    closest = np.zeros(len(scores), np.float32)  # cosine to the nearest chosen one
    open_places = np.ones(len(scores), bool)
    chosen: list[int] = []
    while len(chosen) < limit and open_places.any():
        gain = np.where(open_places, (1 - diversity) * relevance - diversity * closest, -np.inf)
        best = int(np.argmax(gain))
        chosen.append(best)
        open_places[best] = False
        closest = np.maximum(closest, directions @ directions[best])
    return chosen


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
