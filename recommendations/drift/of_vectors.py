"""Drift of the lengths of vectors, which decide on rankings by inner product."""

import numpy as np

from catalog.models import Movie, User
from recommendations.drift.measured import Measured
from recommendations.interactions import movie_inputs, user_inputs
from recommendations.two_tower.data import Floats
from recommendations.two_tower.serving_model import ServingModel
from recommendations.two_tower.vocabulary import UNKNOWN

PEOPLE = 100  # 3 ms each
ENOUGH_PEOPLE = 10
NEW_MOVIES = 1_000
TRAINED_MOVIES = 20_000


def user_norms(ratings: np.ndarray, model: ServingModel, *, before: float | None) -> Measured:
    """By what share the mean length of the vectors of those who rated lately differs from `before`.

    Without `before`, the mean of the version's first report, there is none yet but the mean in the detail.
    """
    latest = list(dict.fromkeys(ratings["user_id"][::-1].tolist()))[:PEOPLE]
    people = user_inputs(list(User.objects.staying().filter(pk__in=latest)))
    if len(people) < ENOUGH_PEOPLE:
        return Measured(None, len(people))
    mean = float(np.mean([np.linalg.norm(model.user_vector(person)) for person in people]))
    value = None if not before else abs(mean / before - 1)
    return Measured(value, len(people), {"mean": round(mean, 6)})


def movie_norms(model: ServingModel) -> Measured:
    """Share of the newest movies that would lead lists for their vector's length alone.

    That is, among those unknown at training time, the ones with a vector longer than any trained one, or
    with one that is no vector.
    """
    newest = Movie.objects.visible().order_by("-pk")[:NEW_MOVIES]
    movies = movie_inputs(newest)
    rows = model.vocabulary.movie_rows([movie.movie_id for movie in movies])
    new = [movie for movie, row in zip(movies, rows, strict=True) if row == UNKNOWN]
    if not new:
        return Measured(None, 0)
    trained = model.matrix[:: 1 + len(model.matrix) // TRAINED_MOVIES]
    longest = float(_lengths(trained, model).max())
    lengths = _lengths(model.movie_vectors(new), model)
    wild = ~(lengths <= longest)  # also what is not a number
    return Measured(float(wild.mean()), len(new), {"longest trained": round(longest, 4)})


def _lengths(vectors: Floats, model: ServingModel) -> Floats:
    """float32[n], of the learned dimensions: the others hold popularity, which is to differ."""
    return np.sqrt(np.square(vectors[:, : model.config.learned_dimension]).sum(axis=1))
