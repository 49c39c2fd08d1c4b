"""Why a movie is recommended: the rated movies that brought it up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.models import Movie
from recommendations.two_tower.data import UserInput
from recommendations.two_tower.serving_model import ServingModel

REASONS = 3
LIKED_STARS = 3.5
STAR_WEIGHT = 0.1  # what a star above the user's mean adds to a similarity, as a share of it
MIN_SIMILARITY = 0.2  # cosine below which naming a movie would not convince anybody


@dataclass(frozen=True)
class Reason:
    movie_id: int
    title: str
    your_rating: float  # stars


def explain(model: ServingModel, user: UserInput, vectors: NDArray[np.float32]) -> list[tuple[Reason, ...]]:
    """For each recommended movie, by its vector in `vectors` [n, 256], up to REASONS liked movies.

    They are those whose direction is closest to its own, weighted by how far their stars exceed the user's
    mean; a withdrawn one is not named. One query for the titles, none if nothing was liked.
    """
    liked = np.flatnonzero((user.stars >= LIKED_STARS) & (user.counts > 0))
    liked_vectors, known = model.stored_vectors(user.movie_ids[liked])
    liked, liked_vectors = liked[known], liked_vectors[known]
    if not len(liked) or not len(vectors):
        return [()] * len(vectors)
    similarity = model.directions(vectors) @ model.directions(liked_vectors).T  # [n, liked]
    weight = 1 + STAR_WEIGHT * (user.stars[liked] - user.stars.mean())
    best = np.argsort(-similarity * weight, axis=1)[:, :REASONS]
    named = [[liked[j] for j in row if similarity[i, j] >= MIN_SIMILARITY] for i, row in enumerate(best)]
    titles = _titles({int(user.movie_ids[position]) for row in named for position in row})
    return [tuple(_reasons(user, row, titles)) for row in named]


def _reasons(user: UserInput, positions: list[np.intp], titles: dict[int, str]) -> list[Reason]:
    """One reason a title: data sets hold some movies twice."""
    reasons: dict[str, Reason] = {}
    for position in positions:
        movie_id, stars = int(user.movie_ids[position]), float(user.stars[position])
        if movie_id in titles:
            reasons.setdefault(titles[movie_id], Reason(movie_id, titles[movie_id], stars))
    return list(reasons.values())


def _titles(movie_ids: set[int]) -> dict[int, str]:
    movies = Movie.objects.visible().filter(pk__in=movie_ids).only("title") if movie_ids else []
    return {movie.pk: movie.display_title for movie in movies}
