"""Predicted stars of many movies at once, for sorting the catalogue."""

import logging
from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext as _

from catalog.expectations import NothingExpected
from catalog.models import Movie, User
from recommendations.experiments.arms import model_for
from recommendations.interactions import movie_inputs, user_input
from recommendations.live_model import NoActiveModel
from recommendations.two_tower.data import Floats, Ids
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexUnavailable

logger = logging.getLogger(__name__)


def expect(user: User, movie_ids: Sequence[int]) -> dict[int, float]:
    """Predicted stars by movie ID. One query, and two for movies that the model was not trained on.

    Raises NothingExpected, with a sentence for the reader, before the first rating and without a model.
    """
    person = user_input(user)
    if not person.counts.any():
        raise NothingExpected(_("Rate a few movies first; then this list can be sorted for you."))
    try:
        model = model_for(user).model
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("no predictions to sort by: %s", error)
        raise NothingExpected(_("Predictions are out of reach for a moment.")) from error
    ids = np.array(movie_ids, np.int64)
    stars = model.predict_stars(person, ids, _vectors(model, ids))
    return dict(zip(ids.tolist(), stars.tolist(), strict=True))


def _vectors(model: ServingModel, ids: Ids) -> Floats:
    """[n, 256]: as of training, and from their features those of newer movies."""
    vectors, known = model.stored_vectors(ids)
    if not known.all():
        newer = movie_inputs(Movie.objects.filter(pk__in=ids[~known].tolist()).order_by("pk"))
        places = np.searchsorted(ids, [movie.movie_id for movie in newer], sorter=np.argsort(ids))
        vectors[np.argsort(ids)[places]] = model.movie_vectors(newer)
    return vectors
