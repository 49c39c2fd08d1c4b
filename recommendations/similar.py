"""Similar movies: the nearest ones in the space of movie vectors.

They are the same for everybody whom one model answers, so what was found is remembered for as long as a
change of the catalogue may take to reach the index. What a page shows of them (`movie_cards`) is read each
time: a movie that is withdrawn is gone at once.
"""

import logging
from collections.abc import Sequence

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache

from catalog.cards import MovieCard, movie_cards
from catalog.models import Movie, User
from recommendations import vector_index
from recommendations.experiments.arms import answer_in_arm
from recommendations.live_model import LiveModel, NoActiveModel
from recommendations.retrieval import movie_vectors
from recommendations.vector_index import Candidate, VectorIndexUnavailable

logger = logging.getLogger(__name__)

POOL = 200  # candidates by inner product, of which those of the closest direction are taken
REMEMBERED_SECONDS = 30


def similar_movies(
    movie: Movie, *, limit: int = 12, reader: User | AnonymousUser | None = None
) -> list[MovieCard]:
    """Up to `limit` movies like `movie`, nearest first, by the model that answers the `reader`.

    Popular ones of its genres if Milvus is away, or does not know the movie yet.
    """
    return similar_to_each([movie], limit=limit, reader=reader)[0]


def similar_to_each(
    movies: Sequence[Movie], *, limit: int, reader: User | AnonymousUser | None = None
) -> list[list[MovieCard]]:
    """As `similar_movies`, for each of `movies`, in one search."""
    movie_ids = [movie.pk for movie in movies]
    try:
        nearest = answer_in_arm(reader, lambda live: _nearest(live, movie_ids, limit + 5)) if movies else []
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("movies of the same genres instead of similar ones: %s", error)
        nearest = [[] for _ in movies]
    cards = {card.id: card for card in movie_cards(list({pk for near in nearest for pk in near}))}
    return [
        [cards[pk] for pk in near if pk in cards][:limit] if near else _same_genres(movie, limit)
        for movie, near in zip(movies, nearest, strict=True)
    ]


def _nearest(live: LiveModel, movie_ids: list[int], limit: int) -> list[list[int]]:
    """For each movie, the IDs of those of the closest direction; none if the index does not know it."""
    keys = {movie_id: f"similar:{live.collection.name}:{movie_id}" for movie_id in movie_ids}
    nearest = cache.get_many(keys.values())
    missing = [movie_id for movie_id, key in keys.items() if key not in nearest]
    found = dict(zip(missing, _searched(live, missing), strict=True))
    if known := {keys[movie_id]: near for movie_id, near in found.items() if near}:
        cache.set_many(known, timeout=REMEMBERED_SECONDS)
    return [(nearest.get(key) or found.get(movie_id) or [])[:limit] for movie_id, key in keys.items()]


def _searched(live: LiveModel, movie_ids: list[int]) -> list[list[int]]:
    """For each movie, POOL others by direction. Inner product alone would favour the popular ones."""
    own = movie_vectors(live, [Candidate(movie_id, 0.0) for movie_id in movie_ids])
    nearest: list[list[int]] = [[] for _ in movie_ids]
    known = np.flatnonzero(own.any(axis=1)).tolist()
    if not known:
        return nearest
    pools = vector_index.search_many(live.collection, own[known], limit=POOL)
    for place, pool in zip(known, pools, strict=True):
        others = [candidate for candidate in pool if candidate.movie_id != movie_ids[place]]
        directions = live.model.directions(movie_vectors(live, others))
        closest = np.argsort(-(directions @ live.model.directions(own[[place]])[0]))
        nearest[place] = [others[i].movie_id for i in closest]
    return nearest


def _same_genres(movie: Movie, limit: int) -> list[MovieCard]:
    alike = Movie.objects.visible().filter(genres__in=movie.genres.all()).exclude(pk=movie.pk)
    return [MovieCard.of(other) for other in alike.distinct().popular().for_cards()[:limit]]
