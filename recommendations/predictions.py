"""How many stars the model expects a user to give movies, and how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Movie, User
from recommendations.experiments.arms import model_for
from recommendations.interactions import movie_inputs, user_input
from recommendations.live_model import NoActiveModel
from recommendations.two_tower.data import Floats, Ids, UserInput
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexUnavailable

# Thresholds by measured errors: docs/model.md.
FAIRLY_SURE, QUITE_SURE = 0.2, 0.45
ENOUGH_RATINGS = 30  # of a movie, by which half of what everybody's ratings tell of it is known


class Confidence(models.TextChoices):
    """How much a prediction of stars is worth, in words."""

    GUESS = "guess", _("a guess")
    FAIR = "fair", _("fairly sure")
    SURE = "sure", _("quite sure")

    @classmethod
    def of(cls, known_share: float, rating_count: int) -> Self:
        """From how much the person's ratings tell of this movie, and how many people rated it."""
        settled = known_share * rating_count / (rating_count + ENOUGH_RATINGS)
        if settled < FAIRLY_SURE:
            return cls.GUESS
        return cls.FAIR if settled < QUITE_SURE else cls.SURE


@dataclass(frozen=True)
class Prediction:
    stars: float  # 0.5 to 5
    confidence: Confidence


def predict(user: User, movies: Sequence[Movie]) -> dict[int, Prediction]:
    """By movie ID; empty for somebody without ratings that count, and while no model answers.

    One query, and one for the genres of movies that the model has not been trained on.
    """
    person = user_input(user)
    if not movies or not person.counts.any():
        return {}
    try:
        model = model_for(user).model
    except (NoActiveModel, VectorIndexUnavailable):
        return {}
    ids = np.array([movie.pk for movie in movies], dtype=np.int64)
    counts = [movie.rating_count for movie in movies]
    return dict(
        zip(ids.tolist(), predictions(model, person, ids, _vectors(model, movies), counts), strict=True)
    )


def predict_one(user: User, movie: Movie) -> Prediction | None:
    """As `predict`; None where there is nothing to predict from."""
    return predict(user, [movie]).get(movie.pk)


def predictions(
    model: ServingModel, person: UserInput, movie_ids: Ids, vectors: Floats, rating_counts: Sequence[int]
) -> list[Prediction]:
    """For movies with these vectors [n, 256] and numbers of ratings."""
    stars, known = model.predict_and_judge(person, movie_ids, vectors)
    return [
        Prediction(round(float(expected), 2), Confidence.of(float(share), count))
        for expected, share, count in zip(stars, known, rating_counts, strict=True)
    ]


def _vectors(model: ServingModel, movies: Sequence[Movie]) -> Floats:
    """[n, 256]: as of training, and of newer movies from their features."""
    vectors, known = model.stored_vectors(np.array([movie.pk for movie in movies], dtype=np.int64))
    newer = [movie for movie, is_known in zip(movies, known, strict=True) if not is_known]
    if newer:
        vectors[~known] = model.movie_vectors(movie_inputs(newer))
    return vectors
