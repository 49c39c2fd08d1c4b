"""What the schema shows as examples of movies, genres and ratings."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

GENRE = {"name": "Sci-Fi", "slug": "sci-fi"}
MOVIE: dict[str, Any] = {
    "id": 2571,
    "title": "Matrix, The",
    "display_title": "The Matrix",
    "year": 1999,
    "genres": [{"name": "Action", "slug": "action"}, GENRE],
    "rating_count": 2590,
    "rating_mean": 4.32,
    "movielens_id": 2571,
    "imdb_id": "tt0133093",
    "tmdb_id": 603,
    "url": "/movies/2571/",
}
NEW_MOVIE = {"title": "Matrix, The", "year": 1999, "genres": ["action", "sci-fi"], "imdb_id": "tt0133093"}
RATING = {"movie": MOVIE, "stars": 4.5, "rated_at": "2026-11-24T08:00:00Z", "weight": 1.0}


def answer(name: str, value: Any) -> list[OpenApiExample]:
    """An example of what is answered, whatever the status of success."""
    return [OpenApiExample(name, value, response_only=True, status_codes=["200", "201", "202"])]


def body(name: str, value: Any) -> list[OpenApiExample]:
    """An example of what is sent."""
    return [OpenApiExample(name, value, request_only=True)]
