"""Rankings of a split's test users and their metrics, for a model and for the baselines."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from .baselines import Scorer, item_knn, popularity
from .config import Horizon
from .data import Floats, Ids, MovieInput, TrainingData, UserInput
from .metrics import hit_rate_at_k, ndcg_at_k, recall_at_k
from .serving_model import ServingModel
from .splits import Split, leave_one_out, temporal

__all__ = [
    "Rankings",
    "Scorer",
    "Split",
    "baseline_metrics",
    "evaluate",
    "hit_rate_at_k",
    "item_knn",
    "leave_one_out",
    "model_scorer",
    "ndcg_at_k",
    "popularity",
    "rank",
    "rankings",
    "recall_at_k",
    "score_rankings",
    "temporal",
]

LONGEST = 100
CUTOFFS = (10, 20, 100)

Rankings = dict[int, list[int]]  # user ID -> movie IDs, best first


def rank(scores: Floats, candidates: Ids, seen: Ids, limit: int = LONGEST) -> list[int]:
    """IDs of the best candidates without the seen ones; ties keep the order of the candidates."""
    scores = scores.astype(np.float32, copy=True)
    places = np.minimum(np.searchsorted(candidates, seen), len(candidates) - 1)
    scores[places[candidates[places] == seen]] = -np.inf
    best = np.argsort(-scores, kind="stable")[:limit]
    return candidates[best[np.isfinite(scores[best])]].tolist()


def rankings(split: Split, score: Scorer, *, limit: int = LONGEST) -> Rankings:
    """The ranked list of each counted user of the split, seen movies removed."""
    users = np.array(sorted(split.relevant), np.int64)
    return {
        int(user.user_id or 0): rank(score(user), split.candidates, user.movie_ids, limit)
        for user in split.before.user_inputs(users)
    }


def model_scorer(
    model: ServingModel,
    split: Split,
    movies: Mapping[int, MovieInput],
    *,
    horizon: Horizon | None = None,
) -> Scorer:
    """Inner products of the user's vector with those of all candidates: what exact search returns."""
    vectors = model.movie_vectors([movies[int(movie_id)] for movie_id in split.candidates])
    asked = horizon or split.horizon

    def score(user: UserInput) -> Floats:
        now = int(user.timestamps[-1]) if split.now is None else split.now
        return vectors @ model.user_vector(user, horizon=asked, now=now)

    return score


def score_rankings(ranked: Rankings, relevant: Mapping[int, set[int]]) -> dict[str, float]:
    """Means over the counted users; a user without a ranking counts as a miss."""
    metrics: dict[str, Callable[..., float]] = {
        "HR": hit_rate_at_k,
        "Recall": recall_at_k,
        "NDCG": ndcg_at_k,
    }
    result: dict[str, float] = {"users": len(relevant)}
    for k in CUTOFFS:
        for name, metric in metrics.items():
            values = [metric(ranked.get(user, []), wanted, k) for user, wanted in relevant.items()]
            result[f"{name}@{k}"] = float(np.mean(values)) if values else 0.0
    result["movies_in_any_top_10"] = len({movie for movies in ranked.values() for movie in movies[:10]})
    return result


def evaluate(model: ServingModel, split: Split, movies: Mapping[int, MovieInput]) -> dict[str, float]:
    """Metrics of the model on the split, with exact search."""
    return score_rankings(rankings(split, model_scorer(model, split, movies)), split.relevant)


def baseline_metrics(split: Split) -> dict[str, dict[str, float]]:
    """Metrics of popularity and ItemKNN on the split."""
    return {name: score_rankings(ranked, split.relevant) for name, ranked in _baseline_rankings(split)}


def _baseline_rankings(split: Split) -> Iterator[tuple[str, Rankings]]:
    yield "popularity", rankings(split, popularity(split.before, split.candidates))
    yield "ItemKNN", rankings(split, item_knn(split.before, split.candidates))


def movies_by_id(data: TrainingData) -> dict[int, MovieInput]:
    return {movie.movie_id: movie for movie in data.movies}
