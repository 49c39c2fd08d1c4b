"""Rows of the vector index made from the catalogue by a model's movie tower."""

from collections.abc import Iterable, Iterator

import numpy as np

from catalog.models import Genre, Movie
from recommendations.batching import batches
from recommendations.interactions import each_movie_input, movie_inputs
from recommendations.two_tower.data import MovieInput
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import MAX_GENRES, IndexRow

CHUNK_MOVIES = 2_000


def index_rows(model: ServingModel, *, movie_ids: list[int] | None = None) -> Iterator[IndexRow]:
    """The rows that the index should hold: of all visible movies, or of those among `movie_ids`, by ID."""
    movies = Movie.objects.visible()
    inputs: Iterable[MovieInput]
    if movie_ids is None:
        inputs = each_movie_input(movies)
    else:
        inputs = movie_inputs(movies.filter(pk__in=movie_ids).order_by("pk"))
    for chunk in batches(inputs, CHUNK_MOVIES):
        yield from _rows(model, chunk)


def _rows(model: ServingModel, movies: list[MovieInput]) -> Iterator[IndexRow]:
    slug_of = dict(Genre.objects.values_list("name", "slug"))
    for movie, vector in zip(movies, model.movie_vectors(movies), strict=True):
        # The movies of a genre that has just got another name are among the changes that come next.
        slugs = sorted(slug_of[name] for name in movie.genres if name in slug_of)
        yield IndexRow(movie.movie_id, vector, movie.year or 0, tuple(slugs[:MAX_GENRES]))


def differs(row: IndexRow, stored: IndexRow) -> bool:
    """Whether the index holds something else for this movie; rounding in storage is no difference."""
    return (
        row.year != stored.year
        or row.genres != tuple(sorted(stored.genres))
        or not np.allclose(row.vector, stored.vector, rtol=1e-3, atol=1e-4)
    )
