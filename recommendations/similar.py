"""Similar movies: the nearest ones in the space of movie vectors."""

import logging

import numpy as np
from django.contrib.auth.models import AnonymousUser

from catalog.cards import MovieCard, movie_cards
from catalog.models import Movie, User
from recommendations import vector_index
from recommendations.experiments.arms import answer_in_arm
from recommendations.live_model import LiveModel, NoActiveModel
from recommendations.retrieval import movie_vectors
from recommendations.vector_index import Candidate, VectorIndexUnavailable

logger = logging.getLogger(__name__)

POOL = 200  # candidates by inner product, of which those of the closest direction are taken


def similar_movies(
    movie: Movie, *, limit: int = 12, reader: User | AnonymousUser | None = None
) -> list[MovieCard]:
    """Up to `limit` movies like `movie`, nearest first, by the model that answers the `reader`.

    Popular ones of its genres if Milvus is away, or does not know the movie yet.
    """
    try:
        nearest = answer_in_arm(reader, lambda live: _nearest(live, movie.pk, limit + 5))
        return movie_cards(nearest)[:limit] if nearest else _same_genres(movie, limit)
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("movies of the same genres instead of similar ones: %s", error)
        return _same_genres(movie, limit)


def _nearest(live: LiveModel, movie_id: int, limit: int) -> list[int]:
    """IDs of the movies of the closest direction; inner product alone would favour the popular ones."""
    own = movie_vectors(live, [Candidate(movie_id, 0.0)])
    if not own.any():
        return []
    found = vector_index.search(live.collection, own[0], limit=POOL)
    others = [candidate for candidate in found if candidate.movie_id != movie_id]
    directions = live.model.directions(movie_vectors(live, others))
    closest = np.argsort(-(directions @ live.model.directions(own)[0]))
    return [others[i].movie_id for i in closest[:limit]]


def _same_genres(movie: Movie, limit: int) -> list[MovieCard]:
    alike = Movie.objects.visible().filter(genres__in=movie.genres.all()).exclude(pk=movie.pk)
    return [MovieCard.of(other) for other in alike.distinct().popular().for_cards()[:limit]]
