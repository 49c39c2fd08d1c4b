"""Retrieval and indexing as Towhee pipelines, for who composes recommendations with other Towhee steps.

Optional: needs requirements/towhee.txt. The steps are the functions that the site itself uses, so that a
pipeline returns what the site would; docs/towhee.md says when it is worth its while.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection
from towhee import pipe
from towhee.runtime.runtime_pipeline import RuntimePipeline

from catalog.cards import MovieCard, movie_cards
from catalog.models import User
from recommendations import vector_index
from recommendations.index_rows import index_rows
from recommendations.interactions import user_input_and_seen
from recommendations.live_model import live_model
from recommendations.retrieval import find_candidates
from recommendations.vector_index import IndexRow, Vector


def recommendation_pipeline(*, limit: int = 10) -> RuntimePipeline:
    """User ID → user vector → candidates in Milvus, without what was seen → movie cards.

    `pipeline(user_id).get()` is a list with one element, the list of at most `limit` cards. Towhee raises
    RuntimeError with the text of a step's error.
    """

    def retrieve(vector: Vector, seen: set[int]) -> list[int]:
        return [c.movie_id for c in find_candidates(live_model(), vector, limit, left_out=seen)]

    def details(movie_ids: list[int]) -> list[MovieCard]:
        return movie_cards(movie_ids)[:limit]

    return (
        pipe.input("user_id")
        .map("user_id", ("vector", "seen"), _step(_embed_user))
        .map(("vector", "seen"), "movie_ids", _step(retrieve))
        .map("movie_ids", "cards", _step(details))
        .output("cards")
    )


def indexing_pipeline() -> RuntimePipeline:
    """Movie ID → movie vector → upsert into the live collection; whether there is such a visible movie."""
    return (
        pipe.input("movie_id")
        .map("movie_id", "rows", _step(_embed_movie))
        .map("rows", "indexed", _step(_store))
        .output("indexed")
    )


def _embed_user(user_id: int) -> tuple[Vector, set[int]]:
    user = User.objects.get(pk=user_id)
    person, seen = user_input_and_seen(user)
    return live_model().model.user_vector(person), seen


def _embed_movie(movie_id: int) -> list[IndexRow]:
    """One row, or none for a movie that is gone or withdrawn; Towhee does not pass None on."""
    return list(index_rows(live_model().model, movie_ids=[movie_id]))


def _store(rows: list[IndexRow]) -> bool:
    return vector_index.upsert(live_model().collection, rows) == 1


def _step(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` for a thread of Towhee's, which must not keep a database connection of its own."""

    @wraps(function)
    def run(*args: Any) -> Any:
        try:
            return function(*args)
        finally:
            connection.close()

    return run
