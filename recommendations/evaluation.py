"""Evaluation by the two protocols: train on a split's first part, rank through Milvus, score.

The rankings are what Milvus returns for the user's vector, with seen movies removed.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catalog.models import Movie, User
from recommendations import vector_index
from recommendations.interactions import load_with_stored_order
from recommendations.leases import lease
from recommendations.training import TrainingFailed
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import TrainingData, UserInput
from recommendations.two_tower.evaluate import (
    Rankings,
    Split,
    baseline_metrics,
    leave_one_out,
    movies_by_id,
    score_rankings,
    temporal,
)
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import Collection, IndexRow

PROTOCOLS = ("leave-one-out", "temporal")
LENGTH = 100  # movies in a ranking
SEARCH_SECONDS = 10.0
RANKING = "evaluation"  # the lease of whoever ranks
WAIT_SECONDS = 3600.0
Report = Callable[[str, int, int], None]  # what is done, how much of it, of how much


class NothingToEvaluate(Exception):
    """No user of the catalogue can be asked the protocol's question."""


@dataclass(frozen=True)
class Evaluation:
    protocol: str
    metrics: dict[str, dict[str, float]]  # by model: "two towers", "popularity", "ItemKNN"
    rankings: Rankings  # of the two towers, by user ID
    details: dict[str, Any]  # seed, configuration, data


def evaluate(protocol: str, config: TwoTowerConfig, *, seed: int, report: Report) -> Evaluation:
    """Train with `config` on the protocol's training part only, and score everybody's ranking.

    Raises NothingToEvaluate, TrainingFailed for too little data, VectorIndexUnavailable, LeaseTaken.
    """
    data, order = load_with_stored_order()
    if not len(data):
        raise NothingToEvaluate("there are no ratings yet")
    split = leave_one_out(data) if protocol == "leave-one-out" else temporal(data, order=order)
    if not split.relevant:
        raise NothingToEvaluate(
            f"{protocol}: no user has five ratings before the cut and a right answer after it"
        )
    model = _trained(split.before, config, seed, report)
    ranked = rank_through_milvus(model, split, report=report)
    metrics = {"two towers": score_rankings(ranked, split.relevant)} | baseline_metrics(split)
    details = {
        "seed": seed,
        "config": config.to_dict(),
        "ratings": len(data),
        "ratings_trained_on": len(split.before),
        "users_not_counted": len(data.bounds()[0]) - len(split.relevant),
        "seen_movies_ranked": _seen_movies_ranked(ranked, split),
        "training_seconds": model.metrics.get("seconds"),
    }
    return Evaluation(protocol, metrics, ranked, details)


def rank_through_milvus(model: ServingModel, split: Split, *, report: Report) -> Rankings:
    """The ranked list of each counted user, from a collection of the split's candidates made for it.

    Waits for another evaluation that ranks: there is one such collection, so that none is left over.
    """
    with lease(RANKING, "the ranking of another evaluation", wait_seconds=WAIT_SECONDS):
        return _ranked(model, split, report)


def _ranked(model: ServingModel, split: Split, report: Report) -> Rankings:
    collection = Collection("movies_evaluation", 0)
    vector_index.create(collection, checksum="evaluation", movies=len(split.before.movies))
    try:
        vector_index.insert(collection, _rows(model, split))
        vector_index.finish(collection)
        users = split.before.user_inputs(np.array(sorted(split.relevant), np.int64))
        vector_index.search(collection, _vector(model, split, users[0]), limit=1, fresh=True)
        ranked: Rankings = {}
        for done, user in enumerate(users, start=1):
            ranked[int(user.user_id or 0)] = _ranking(collection, model, split, user)
            report("users ranked", done, len(users))
    finally:
        vector_index.drop(collection)
    return ranked


def write_rankings(path: Path, rankings: Rankings) -> None:
    """CSV `user_id,rank,movie_id` with MovieLens numbers, or database IDs where there are none."""
    users = _dataset_ids(User)
    movies = _dataset_ids(Movie)
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["user_id", "rank", "movie_id"])
        for user_id, movie_ids in rankings.items():
            for rank, movie_id in enumerate(movie_ids, start=1):
                writer.writerow([users[user_id], rank, movies[movie_id]])


def _trained(data: TrainingData, config: TwoTowerConfig, seed: int, report: Report) -> ServingModel:
    # Paddle is imported here: it takes 300 MB, and only this function needs it.
    from recommendations.two_tower.train import Progress, TrainingDataTooSmall, train

    def on_progress(progress: Progress) -> None:
        report("steps trained", progress.step, max(progress.step, progress.steps))

    try:
        return train(data, config, seed=seed, on_progress=on_progress).serving_model()
    except TrainingDataTooSmall as error:
        raise TrainingFailed(str(error)) from error


def _rows(model: ServingModel, split: Split) -> list[IndexRow]:
    movies = movies_by_id(split.before)
    inputs = [movies[int(movie_id)] for movie_id in split.candidates]
    vectors = model.movie_vectors(inputs)
    return [
        IndexRow(movie.movie_id, vector, movie.year or 0, ())
        for movie, vector in zip(inputs, vectors, strict=True)
    ]


def _vector(model: ServingModel, split: Split, user: UserInput) -> vector_index.Vector:
    now = int(user.timestamps[-1]) if split.now is None else split.now
    return model.user_vector(user, horizon=split.horizon, now=now)


def _ranking(collection: Collection, model: ServingModel, split: Split, user: UserInput) -> list[int]:
    seen = set(user.movie_ids.tolist())
    vector = _vector(model, split, user)
    found = vector_index.search(collection, vector, limit=LENGTH + len(seen), timeout=SEARCH_SECONDS)
    return [hit.movie_id for hit in found if hit.movie_id not in seen][:LENGTH]


def _seen_movies_ranked(rankings: Rankings, split: Split) -> int:
    users = split.before.user_inputs(np.array(sorted(rankings), np.int64))
    return sum(len(set(user.movie_ids.tolist()) & set(rankings[int(user.user_id or 0)])) for user in users)


def _dataset_ids(model: type[Movie] | type[User]) -> dict[int, int]:
    pairs = model.objects.order_by().values_list("pk", "movielens_id")
    return {pk: movielens_id if movielens_id is not None else pk for pk, movielens_id in pairs}
