"""The home page: rows for a member, an invitation for a visitor, and a word where the lists come from."""

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.cards import MovieCard
from catalog.models import Influence, Movie, User
from catalog.services import weigh_rating
from recommendations.home import PICKED, ROW, favourite_genres, keep_shown, rows_for
from recommendations.models import ServedList
from recommendations.serving import Recommendation, RecommendationList
from tests.factories import MarkFactory, MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db
PERSONAL = ServedList.Source.PERSONAL
NOTHING = RecommendationList(PERSONAL, 1, [])


@pytest.fixture
def recommend() -> Iterator[mock.Mock]:
    with mock.patch("recommendations.home.recommend", autospec=True, return_value=NOTHING) as recommend:
        yield recommend


@pytest.fixture
def similar() -> Iterator[mock.Mock]:
    """Each movie is like those that are `found`, at first none."""
    with mock.patch("recommendations.home.similar_to_each", autospec=True) as similar:
        similar.side_effect = lambda movies, **_: [similar.found for _movie in movies]
        similar.found = []
        yield similar


def listed(*movies: Movie, source: ServedList.Source = PERSONAL, notice: str = "") -> RecommendationList:
    results = [Recommendation(MovieCard.of(movie), 0.5, 4.2) for movie in movies]
    return RecommendationList(source, 1, results, notice)


def test_a_visitor_sees_popular_movies_and_an_invitation(client: Client) -> None:
    MovieFactory(title="Alien")
    page = client.get("/").text
    assert "Alien" in page
    assert 'href="/accounts/signup/"' in page


def test_an_empty_catalogue_is_no_error(client: Client, member: Client) -> None:
    assert "No movies yet" in Client().get("/").text
    assert "No movies yet" in member.get("/").text


def test_a_member_sees_the_personal_list(member: Client, recommend: mock.Mock, similar: mock.Mock) -> None:
    recommend.return_value = listed(MovieFactory(title="First"), MovieFactory(title="Second"))
    page = member.get("/").text
    assert "First" in page
    assert "Second" in page
    assert "Picked for you, from your ratings" in page


def test_a_fallback_says_so(member: Client, recommend: mock.Mock, similar: mock.Mock) -> None:
    popular = listed(MovieFactory(), source=ServedList.Source.POPULAR, notice="Out of reach for a moment.")
    recommend.return_value = popular
    page = member.get("/").text
    assert "Out of reach for a moment." in page
    assert "Popular with everybody" in page


def test_a_row_names_the_liked_movie_that_brought_it_up(
    user: User, recommend: mock.Mock, similar: mock.Mock
) -> None:
    RatingFactory(user=user, movie__title="Alien", stars=5.0)
    similar.found = [MovieCard.of(MovieFactory()) for _ in range(3)]
    titles = [row.title for row in rows_for(user, NOTHING)]
    assert "Because you liked Alien" in titles


def test_no_movie_is_shown_twice_or_once_rated_or_hidden(
    user: User, recommend: mock.Mock, similar: mock.Mock
) -> None:
    RatingFactory.create_batch(2, user=user, stars=5.0)
    picked, rated, hidden = MovieFactory(), RatingFactory(user=user, stars=1.0), MarkFactory(user=user)
    fresh = MovieFactory.create_batch(3)
    similar.found = [MovieCard.of(m) for m in (picked, rated.movie, hidden.movie, *fresh)]
    rows = [row for row in rows_for(user, listed(picked)) if row.title.startswith("Because")]
    assert [[card.id for card in row.movies] for row in rows] == [[movie.pk for movie in fresh]]


def test_favourite_genres_are_those_rated_above_the_others(user: User) -> None:
    RatingFactory.create_batch(3, user=user, stars=4.5, movie__genres=["Drama"])
    RatingFactory.create_batch(2, user=user, stars=4.5, movie__genres=["Comedy"])
    RatingFactory.create_batch(4, user=user, stars=3.0, movie__genres=["War"])
    RatingFactory.create_batch(3, user=user, stars=1.0, movie__genres=["Horror"])
    RatingFactory.create_batch(3, stars=5.0, movie__genres=["Western"])
    assert [genre.name for genre in favourite_genres(user)] == ["Drama", "Comedy", "War"]


def test_hidden_gems_are_little_known_movies_of_the_list_and_repeat_no_pick(
    user: User, recommend: mock.Mock, similar: mock.Mock
) -> None:
    picks = MovieFactory.create_batch(PICKED)
    known, gems = MovieFactory.create_batch(14, rating_count=900), MovieFactory.create_batch(3)
    answer = listed(*picks, *known, *gems)
    (row,) = [row for row in rows_for(user, answer) if row.title == "Hidden gems for you"]
    assert [card.id for card in row.movies[:3]] == [movie.pk for movie in gems]
    assert {card.id for card in row.movies}.isdisjoint(movie.pk for movie in picks)
    assert row.list_id == answer.list_id
    recommend.assert_not_called()


def test_of_the_list_only_what_the_page_shows_is_kept(
    member: Client, user: User, recommend: mock.Mock, similar: mock.Mock
) -> None:
    movies = MovieFactory.create_batch(PICKED + 20)
    recommend.return_value = answer = listed(*movies)
    page = member.get("/").text
    served = ServedList.objects.get(pk=answer.list_id, user=user)
    linked = {int(pk) for pk in re.findall(rf"/movies/(\d+)/\?list={answer.list_id}", page)}
    assert set(served.movie_ids) == linked
    assert len(served.movie_ids) == len(served.trace) == PICKED + ROW
    assert served.movie_ids[:PICKED] == [movie.pk for movie in movies[:PICKED]]


def test_a_list_of_which_nothing_is_shown_was_not_served(user: User) -> None:
    answer = listed(*MovieFactory.create_batch(3))
    keep_shown(user, answer, [], picked=0)
    assert not ServedList.objects.exists()
    keep_shown(user, NOTHING, [])
    assert ServedList.objects.get().movie_ids == []


def test_a_fallback_has_no_hidden_gems(user: User, recommend: mock.Mock, similar: mock.Mock) -> None:
    popular = listed(MovieFactory(), source=ServedList.Source.POPULAR)
    assert "Hidden gems for you" not in [row.title for row in rows_for(user, popular)]
    recommend.assert_not_called()


def test_a_rating_that_does_not_count_brings_up_no_row(
    user: User, recommend: mock.Mock, similar: mock.Mock
) -> None:
    weigh_rating(RatingFactory(user=user, stars=5.0), weight=Influence.NOTHING)
    rows_for(user, NOTHING)
    assert similar.call_args.args == ([],)


def test_the_row_of_the_favourite_genre_comes_from_the_same_list(
    user: User, recommend: mock.Mock, similar: mock.Mock
) -> None:
    RatingFactory(user=user, stars=5.0, movie__genres=["Drama"])
    picks = MovieFactory.create_batch(15, genres=["Drama"])
    comedies = MovieFactory.create_batch(14, genres=["Comedy"])
    dramas = MovieFactory.create_batch(3, genres=["Drama"], rating_count=900)  # no hidden gems
    (row,) = [
        row for row in rows_for(user, listed(*picks, *comedies, *dramas)) if row.title == "Drama for you"
    ]
    assert [card.id for card in row.movies] == [movie.pk for movie in dramas]


def test_well_known_movies_are_offered_to_rate_that_no_other_row_shows(
    user: User, recommend: mock.Mock, similar: mock.Mock
) -> None:
    picked, rated, *others = MovieFactory.create_batch(5, rating_count=900)
    RatingFactory(user=user, movie=rated)
    (row,) = [row for row in rows_for(user, listed(picked)) if row.title == "Rate more to improve"]
    assert {card.id for card in row.movies} == {movie.pk for movie in others}
    assert row.url == "/accounts/taste/"


def test_without_a_liked_movie_there_is_no_favourite_genre(user: User) -> None:
    assert favourite_genres(user) == []


@pytest.mark.parametrize("movies", [5, 40])
def test_a_visitors_home_takes_seven_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, movies: int
) -> None:
    for _ in range(movies):
        MovieFactory(genres=["Comedy"])
    with django_assert_num_queries(7):  # genres; popular, best, comedies, each with its cards
        client.get("/")


@pytest.mark.parametrize("ratings", [2, 30])
def test_a_members_home_takes_as_many_queries_whatever_was_rated(
    member: Client,
    user: User,
    recommend: mock.Mock,
    similar: mock.Mock,
    django_assert_num_queries: DjangoAssertNumQueries,
    ratings: int,
) -> None:
    recommend.return_value = listed(*MovieFactory.create_batch(6))
    RatingFactory.create_batch(ratings, user=user, stars=5.0, movie__genres=["Drama"])
    with django_assert_num_queries(11):
        # session, user; liked movies; favourite genre; my ratings, movies to rate and their cards; kept;
        # invitations; my stars and marks for the first pick (among nothing similar: none)
        member.get("/")
