"""How many stars the model expects a user to give one movie."""

import numpy as np

from catalog.models import Movie, User
from recommendations.interactions import movie_inputs, user_input
from recommendations.live_model import NoActiveModel, live_model
from recommendations.vector_index import VectorIndexUnavailable


def predict_stars(user: User, movie: Movie) -> float | None:
    """From 0.5 to 5; None for somebody who has not rated anything, or while no model answers.

    One query, and one for the genres of a movie that the model has not been trained on.
    """
    person = user_input(user)
    if not len(person.movie_ids):
        return None
    try:
        model = live_model().model
    except (NoActiveModel, VectorIndexUnavailable):
        return None
    ids = np.array([movie.pk], dtype=np.int64)
    vectors, known = model.stored_vectors(ids)
    if not known.all():
        vectors = model.movie_vectors(movie_inputs([movie]))
    return float(model.predict_stars(person, ids, vectors)[0])
