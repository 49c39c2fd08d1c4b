"""A new model beside popularity and the live model, on ratings that none of them was trained on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .baselines import popularity
from .bootstrap import intervals_of_means, mean_of_questions, paired_interval
from .config import TwoTowerConfig
from .data import Floats, TrainingData
from .evaluate import rank
from .metrics import hit_rate_at_k, ndcg_at_k, recall_at_k
from .segments import FEW, segments
from .serving_model import ServingModel
from .validation import Answers, Metric, Validation, hold_out

MODEL, POPULARITY, LIVE = "model", "popularity", "live"
CUTOFFS = (5, 10, 20, 50, 100)
METRICS: dict[str, Metric] = {"HR": hit_rate_at_k, "nDCG": ndcg_at_k, "recall": recall_at_k}
HORIZONS = ("next", "weeks")


@dataclass(frozen=True)
class Comparison:
    """JSON-like figures about the same users for each of MODEL, POPULARITY and LIVE, if there is one."""

    held_out: dict[str, Any]  # what the gate reads: nDCG@10 over both horizons, differences with intervals
    quality: dict[str, Any] = field(default_factory=dict)  # metrics over k, and nDCG@10 by segment
    per_user: dict[str, Any] = field(default_factory=dict)  # nDCG@10 by model; nothing tells who is who


def compare(
    data: TrainingData, config: TwoTowerConfig, model: ServingModel, live: ServingModel | None
) -> Comparison:
    """On the part that `train` held out of `data`; without enough users for one, only their number, 0."""
    trained, validation = hold_out(data, config)
    if validation is None:
        return Comparison({"users": 0})
    longest = CUTOFFS[-1]
    answers = {MODEL: validation.answers(model, longest), POPULARITY: _popular(trained, validation, longest)}
    if live is not None:
        answers[LIVE] = validation.answers(live, longest)
    scores = {name: validation.scores(given) for name, given in answers.items()}
    return Comparison(
        _held_out(scores),
        {"over_k": _over_k(validation, answers), "segments": _segments(validation, scores)},
        _per_user(scores),
    )


def _popular(trained: TrainingData, validation: Validation, limit: int) -> Answers:
    score = popularity(trained, validation.candidates)
    lists = [
        rank(score(question.user), validation.candidates, question.user.movie_ids, limit)
        for question in validation.questions
    ]
    return Answers(lists, lists)


def _held_out(scores: Mapping[str, Floats]) -> dict[str, Any]:
    own = scores[MODEL]
    others = {name: values for name, values in scores.items() if name != MODEL}
    return {
        "users": len(own),
        "ndcg@10": mean_of_questions(own),
        **{f"{name}_ndcg@10": mean_of_questions(values) for name, values in others.items()},
        "differences": {
            name: paired_interval(own, values)._asdict() for name, values in others.items()
        },
    }  # fmt: skip


def _over_k(validation: Validation, answers: Mapping[str, Answers]) -> list[dict[str, Any]]:
    """A row for each horizon, model and metric, with a value and its interval for each of CUTOFFS."""
    rows = []
    for name, given in answers.items():
        for label, metric in METRICS.items():
            of_k = np.stack([validation.scores(given, k, metric) for k in CUTOFFS])  # [k, questions, 2]
            for column, horizon in enumerate(HORIZONS):
                asked = of_k[:, ~np.isnan(of_k[0, :, column]), column]
                values, lows, highs = map(_short, zip(*intervals_of_means(asked.T), strict=True))
                figures = {"values": values, "lows": lows, "highs": highs}
                rows.append({"horizon": horizon, "model": name, "metric": label} | figures)
    return rows


def _segments(validation: Validation, scores: Mapping[str, Floats]) -> list[dict[str, Any]]:
    """A row for each segment of users, with nDCG@10 over both horizons of each model."""
    return [
        {"kind": kind, "segment": name, "users": len(places), "few": len(places) < FEW}
        | {model: round(mean_of_questions(values[places]), 4) for model, values in scores.items()}
        for kind, name, places in segments([question.user for question in validation.questions])
    ]


def _per_user(scores: Mapping[str, Floats]) -> dict[str, Any]:
    """By model a pair for each user, next and weeks; sorted by value, so that places name nobody."""
    filled = {name: np.nan_to_num(values, nan=-1.0) for name, values in scores.items()}
    order = np.lexsort([column for values in filled.values() for column in values.T])
    return {
        name: [[None if value < 0 else value for value in _short(row)] for row in values[order]]
        for name, values in filled.items()
    }


def _short(values: Iterable[float]) -> list[float]:
    return [round(float(value), 4) for value in values]
