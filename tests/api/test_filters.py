"""Whatever is asked of the list of movies, the answer is what a loop over all of them finds."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from catalog.models import Movie
from catalog.models.movie import searchable
from tests.factories import MovieFactory

pytestmark = pytest.mark.django_db
TITLES = ["Alien", "Aliens", "Amélie", "Matrix, The", "100% Wolf", "_underscored", "🎬 Reel", "ALIEN vs. Ape"]
GENRES = ["drama", "war", "sci-fi"]
YEARS = [None, 1979, 1986, 1999, 2001]
WORDS = ["", "alien", "AMELIE", "the matrix", "%", "_", "🎬", "a e", "100%", "nothing"]
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "search": st.sampled_from(WORDS) | st.text(max_size=3).filter(lambda text: "\0" not in text),
        "genre": st.sampled_from(GENRES),
        "year_min": st.sampled_from([0, 1979, 1980, 2001, 9999]),
        "year_max": st.sampled_from([0, 1978, 1979, 1999, 9999]),
        "ratings_min": st.integers(1, 5),
        "ordering": st.sampled_from(["title", "-year", "rating_count", "-rating_mean"]),
    },
)


@pytest.fixture
def catalogue(db: None) -> list[Movie]:
    return [
        MovieFactory(
            title=title,
            year=YEARS[place % len(YEARS)],
            genres=GENRES[: place % 4],
            rating_count=place % 5,
            rating_mean=place % 5 or None,
        )
        for place, title in enumerate(TITLES)
    ]


def fits(movie: Movie, query: dict[str, Any]) -> bool:
    """The filters, spelt out."""
    words = searchable(query.get("search", "")).split()
    year = movie.year
    return (
        all(word in movie.search_title for word in words)
        and ("genre" not in query or query["genre"] in {genre.slug for genre in movie.genres.all()})
        and ("year_min" not in query or (year is not None and year >= query["year_min"]))
        and ("year_max" not in query or (year is not None and year <= query["year_max"]))
        and movie.rating_count >= query.get("ratings_min", 0)
    )


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=QUERIES)
def test_the_list_has_what_fits_and_nothing_else(
    anonymous: APIClient, catalogue: list[Movie], query: dict[str, Any]
) -> None:
    answer = anonymous.get("/api/v1/movies/", query)
    assert answer.status_code == 200, answer.content
    found = [movie["id"] for movie in answer.json()["results"]]
    assert sorted(found) == [movie.pk for movie in catalogue if fits(movie, query)]
    assert answer.json()["count"] == len(found)
