"""The page of a movie."""

import re
from unittest import mock

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.audience import audience_of, stars_given
from catalog.models import Movie, User
from recommendations.predictions import Confidence, Prediction
from tests.factories import MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db


def test_it_shows_title_year_genres_and_links(client: Client) -> None:
    movie = MovieFactory(title="Matrix, The", year=1999, genres=["Sci-Fi"], imdb_id="tt0133093", tmdb_id=603)
    page = client.get(movie.get_absolute_url()).text
    assert "<h1>The Matrix</h1>" in page
    assert "?genre=sci-fi" in page
    assert "https://www.imdb.com/title/tt0133093/" in page
    assert "https://www.themoviedb.org/movie/603" in page


def test_a_withdrawn_movie_has_no_page(client: Client) -> None:
    assert client.get(MovieFactory(withdrawn=True).get_absolute_url()).status_code == 404


def test_a_movie_that_never_was_has_no_page(client: Client) -> None:
    assert client.get("/movies/999999/").status_code == 404


def test_a_visitor_is_invited_to_log_in_and_comes_back(client: Client) -> None:
    movie = MovieFactory()
    assert f"/accounts/login/?next=/movies/{movie.pk}/" in client.get(movie.get_absolute_url()).text


def test_a_members_stars_are_checked(member: Client, user: User) -> None:
    rating = RatingFactory(user=user, stars=3.5)
    page = member.get(rating.movie.get_absolute_url())
    assert page.context["opinion"].stars == 3.5
    assert page.text.count("checked") == 1


def test_the_ratings_of_others_are_not_shown_as_mine(member: Client) -> None:
    rating = RatingFactory(stars=3.5)
    assert "checked" not in member.get(rating.movie.get_absolute_url()).text


def test_the_chart_counts_every_half_star() -> None:
    movie = MovieFactory()
    for stars in (4.0, 4.0, 0.5):
        RatingFactory(movie=movie, stars=stars)
    audience = audience_of(movie)
    assert (audience.count, audience.mean) == (3, pytest.approx(8.5 / 3))
    assert [bar.count for bar in audience.bars] == [1, 0, 0, 0, 0, 0, 0, 2, 0, 0]


def test_the_highest_bar_fills_the_chart_and_none_disappears() -> None:
    bars = audience_of(RatingFactory(stars=5.0).movie).bars
    assert bars[-1].y == 0
    assert all(bar.height > 0 for bar in bars)


def test_titles_are_escaped(client: Client) -> None:
    movie = MovieFactory(title="<b>Bold</b> & co")
    page = client.get(movie.get_absolute_url()).text
    assert "<b>Bold" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in page


def test_predicted_stars_are_shown_with_how_sure_they_are_until_it_is_rated(
    member: Client, user: User
) -> None:
    movie = MovieFactory()
    with mock.patch(
        "recommendations.templatetags.recommendations.predict_one",
        autospec=True,
        return_value=Prediction(4.23, Confidence.FAIR),
    ):
        page = member.get(movie.get_absolute_url()).text
        RatingFactory(movie=movie, user=user)
        rated = member.get(movie.get_absolute_url()).text
    assert "<strong>4.2</strong> predicted for you" in page
    assert "(fairly sure)" in page
    assert "predicted for you" not in rated


def test_marks_are_shown_as_pressed_buttons(member: Client, user: User) -> None:
    mark = MarkFactory(user=user, kind="watchlist")
    assert member.get(mark.movie.get_absolute_url()).text.count('aria-pressed="true"') == 1


@mock.patch(
    "recommendations.templatetags.recommendations.find_similar_movies", autospec=True, return_value=[]
)
@pytest.mark.parametrize("ratings", [1, 8])
def test_the_number_of_queries_does_not_depend_on_ratings(
    similar: mock.Mock, member: Client, django_assert_num_queries: DjangoAssertNumQueries, ratings: int
) -> None:
    movie = MovieFactory(genres=["Drama"])
    for _ in range(ratings):
        RatingFactory(movie=movie)
        MovieFactory(genres=["Drama"])
    with django_assert_num_queries(8):
        # session, user, movie, its genres, my stars, my marks, the chart, my history (to predict from)
        member.get(movie.get_absolute_url())


def test_the_page_of_a_merged_duplicate_leads_to_the_movie_that_was_kept(client: Client) -> None:
    kept = MovieFactory()
    duplicate = MovieFactory(withdrawn=True, merged_into=kept)
    answer = client.get(f"/movies/{duplicate.pk}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/movies/{kept.pk}/")
    assert client.get(f"/api/v1/movies/{duplicate.pk}/").status_code == 404
    Movie.objects.filter(pk=kept.pk).update(withdrawn=True)
    assert client.get(f"/movies/{duplicate.pk}/").status_code == 404


def test_how_a_movie_was_rated_is_read_from_an_index_alone() -> None:
    plan = stars_given(RatingFactory().movie).explain()
    assert "rating_by_movie_and_stars" in plan
    assert re.search("COVERING INDEX|Using index", plan)
