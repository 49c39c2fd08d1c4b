"""Drift of the ratings that came lately against those that the live model was trained on."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from catalog.models import Movie
from recommendations.batching import batches
from recommendations.drift.measured import Measured
from recommendations.interactions import movie_inputs
from recommendations.latest_ratings import latest_ratings
from recommendations.two_tower.data import Ids
from recommendations.two_tower.genre_mix import genre_mix, jensen_shannon
from recommendations.two_tower.serving_model import ServingModel

LOOKED_AT = 100_000  # the latest stored: a bound on the query, whatever was imported before
ENOUGH = 100  # ratings
COLUMNS = np.dtype([("user_id", np.int64), ("movie_id", np.int64), ("stars", np.float64)])


def recent_ratings(since: datetime) -> np.ndarray:
    """Those given at `since` or later, as an array of COLUMNS."""
    rows = latest_ratings(LOOKED_AT).filter(rated_at__gte=since).order_by("pk")
    return np.fromiter(rows.values_list(*(COLUMNS.names or ())), dtype=COLUMNS)


def rating_mean(ratings: np.ndarray, model: ServingModel) -> Measured:
    """By how many stars the mean differs from that of the training."""
    if len(ratings) < ENOUGH:
        return Measured(None, len(ratings))
    now = float(ratings["stars"].mean())
    detail = {"now": round(now, 3), "at training": round(model.mean_stars, 3)}
    return Measured(abs(now - model.mean_stars), len(ratings), detail)


def genre_distance(ratings: np.ndarray, model: ServingModel) -> Measured:
    """Jensen-Shannon distance of the genres rated, from 0 to 1; None where the model kept none."""
    trained_on = model.snapshot.get("genres")
    if len(ratings) < ENOUGH or not trained_on:
        return Measured(None, len(ratings))
    rated: Ids = np.unique(ratings["movie_id"])
    movies = [
        movie
        for chunk in batches(rated.tolist(), 2_000)
        for movie in movie_inputs(Movie.objects.filter(pk__in=chunk))
    ]
    return Measured(jensen_shannon(genre_mix(ratings["movie_id"], movies), trained_on), len(ratings))


def unknown_users(ratings: np.ndarray, model: ServingModel) -> Measured:
    """Share of the ratings by people whom the model does not know; None for a model that knows nobody."""
    return _unknown(ratings, "user_id", model.vocabulary.user_ids)


def unknown_movies(ratings: np.ndarray, model: ServingModel) -> Measured:
    """Share of the ratings of movies that nobody had rated when the model was trained."""
    return _unknown(ratings, "movie_id", model.vocabulary.movie_ids)


def _unknown(ratings: np.ndarray, column: str, known: Sequence[int] | Ids) -> Measured:
    if len(ratings) < ENOUGH or not len(known):
        return Measured(None, len(ratings))
    unknown = ~np.isin(ratings[column], np.asarray(known, np.int64))
    return Measured(float(unknown.mean()), len(ratings))
