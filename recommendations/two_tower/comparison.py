"""A new model beside popularity and the live model, on ratings that none of them was trained on."""

from typing import Any

import numpy as np

from .baselines import popularity
from .config import TwoTowerConfig
from .data import TrainingData
from .evaluate import rank
from .metrics import ndcg_at_k
from .serving_model import ServingModel
from .validation import K, Validation, hold_out


def compare(
    data: TrainingData, config: TwoTowerConfig, model: ServingModel, live: ServingModel | None
) -> dict[str, Any]:
    """Mean nDCG@10 over both horizons on the part that `train` held out of `data`.

    `live_ndcg@10` is there when a live model is. Without enough users for a held-out part only their
    number, 0, is there.
    """
    trained, validation = hold_out(data, config)
    if validation is None:
        return {"users": 0}
    result: dict[str, Any] = {
        "users": len(validation.questions),
        "ndcg@10": validation.metrics(model)["mean_ndcg@10"],
        "popularity_ndcg@10": _popularity_ndcg(trained, validation),
    }
    if live is not None:
        result["live_ndcg@10"] = validation.metrics(live)["mean_ndcg@10"]
    return result


def _popularity_ndcg(trained: TrainingData, validation: Validation) -> float:
    score = popularity(trained, validation.candidates)
    following, later = [], []
    for question in validation.questions:
        ranked = rank(score(question.user), validation.candidates, question.user.movie_ids, K)
        following.append(ndcg_at_k(ranked, {question.next_movie}, K))
        if question.later_liked:
            later.append(ndcg_at_k(ranked, question.later_liked, K))
    return float(np.mean(following) + (np.mean(later) if later else 0.0)) / 2
