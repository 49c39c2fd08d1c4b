"""Rows of the vector index made from the catalogue by a model's movie tower."""

from collections.abc import Iterator

import numpy as np

from catalog.models import Movie
from recommendations.interactions import movie_inputs
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import MAX_GENRES, IndexRow

CHUNK_MOVIES = 2_000


def index_rows(model: ServingModel, *, movie_ids: list[int] | None = None) -> Iterator[IndexRow]:
    """The rows that the index should hold: of all visible movies, or of those among `movie_ids`, by ID."""
    movies = Movie.objects.visible().order_by("pk")
    if movie_ids is not None:
        movies = movies.filter(pk__in=movie_ids)
    last = 0
    while chunk := list(movies.filter(pk__gt=last).prefetch_related("genres")[:CHUNK_MOVIES]):
        yield from _rows(model, chunk)
        last = chunk[-1].pk


def _rows(model: ServingModel, movies: list[Movie]) -> Iterator[IndexRow]:
    vectors = model.movie_vectors(movie_inputs(movies))
    for movie, vector in zip(movies, vectors, strict=True):
        slugs = sorted(genre.slug for genre in movie.genres.all())
        yield IndexRow(movie.pk, vector, movie.year or 0, tuple(slugs[:MAX_GENRES]))


def differs(row: IndexRow, stored: IndexRow) -> bool:
    """Whether the index holds something else for this movie; rounding in storage is no difference."""
    return (
        row.year != stored.year
        or row.genres != tuple(sorted(stored.genres))
        or not np.allclose(row.vector, stored.vector, rtol=1e-3, atol=1e-4)
    )
