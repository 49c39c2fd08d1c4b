"""Why a movie is recommended: the rated movies that brought it up."""

from collections.abc import Iterable, Mapping
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

    A withdrawn one is not named. One query for the titles, none if nothing was liked.
    """
    named = named_ratings(model, user, vectors)
    movies = Movie.objects.visible().filter(pk__in=movies_named(user, named)).only("title")
    titles = {movie.pk: movie.display_title for movie in movies} if any(named) else {}
    return reasons(user, named, titles)


def named_ratings(model: ServingModel, user: UserInput, vectors: NDArray[np.float32]) -> list[list[int]]:
    """For each movie, by its vector, the places in the user's history of up to REASONS liked movies.

    They are those whose direction is closest to its own, weighted by how far their stars exceed the user's
    mean.
    """
    liked = np.flatnonzero((user.stars >= LIKED_STARS) & (user.counts > 0))
    liked_vectors, known = model.stored_vectors(user.movie_ids[liked])
    liked, liked_vectors = liked[known], liked_vectors[known]
    if not len(liked) or not len(vectors):
        return [[] for _ in vectors]
    similarity = model.directions(vectors) @ model.directions(liked_vectors).T  # [n, liked]
    weight = 1 + STAR_WEIGHT * (user.stars[liked] - user.stars.mean())
    best = np.argsort(-similarity * weight, axis=1)[:, :REASONS]
    close = np.take_along_axis(similarity, best, axis=1) >= MIN_SIMILARITY
    return [row[is_close].tolist() for row, is_close in zip(liked[best], close, strict=True)]


def movies_named(user: UserInput, named: Iterable[Iterable[int]]) -> set[int]:
    """IDs of the movies at these places of the history."""
    return {int(user.movie_ids[place]) for places in named for place in places}


def reasons(
    user: UserInput, named: Iterable[Iterable[int]], titles: Mapping[int, str]
) -> list[tuple[Reason, ...]]:
    """The rated movies at these places, but for those without a title, which are not to be shown."""
    return [tuple(_by_title(user, places, titles)) for places in named]


def _by_title(user: UserInput, places: Iterable[int], titles: Mapping[int, str]) -> list[Reason]:
    """One reason a title: data sets hold some movies twice."""
    found: dict[str, Reason] = {}
    for place in places:
        movie_id, stars = int(user.movie_ids[place]), float(user.stars[place])
        if movie_id in titles:
            found.setdefault(titles[movie_id], Reason(movie_id, titles[movie_id], stars))
    return list(found.values())
