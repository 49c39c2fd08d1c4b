"""What a member does on the site with movies of a served list is kept as its feedback, without scripts."""

import re
import uuid
from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.cards import MovieCard
from catalog.models import Movie, User
from recommendations.home import rows_for
from recommendations.models import ListFeedback, ServedList
from recommendations.panel.traffic import clicked_share
from recommendations.serving import ListRequest, Recommendation, RecommendationList, keep
from tests.factories import MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
PERSONAL = ServedList.Source.PERSONAL


@pytest.fixture(autouse=True)
def _without_a_model() -> Iterator[None]:
    with mock.patch("recommendations.templatetags.recommendations.find_similar_movies", return_value=[]):
        yield


def served_to(user: User | None, *movies: Movie) -> ServedList:
    return ServedList.objects.create(user=user, source=PERSONAL, movie_ids=[movie.pk for movie in movies])


def open_from(client: Client, movie: Movie, list_id: object, **headers: str) -> int:
    return client.get(movie.get_absolute_url(), {"list": list_id}, headers=headers).status_code


def feedback() -> list[tuple[int, str]]:
    return list(ListFeedback.objects.order_by("pk").values_list("movie_id", "kind"))


def test_a_click_counts_once_for_each_movie_of_the_list(member: Client, user: User) -> None:
    first, second = MovieFactory.create_batch(2)
    served = served_to(user, first, second)
    for movie in (first, first, second):
        assert open_from(member, movie, served.pk) == 200
    assert feedback() == [(first.pk, "clicked"), (second.pk, "clicked")]


def test_lists_of_others_and_of_visitors_gain_nothing(client: Client, member: Client) -> None:
    movie = MovieFactory()
    lists = [served_to(UserFactory(), movie), served_to(None, movie)]
    for served in lists:
        assert open_from(member, movie, served.pk) == 200
        assert open_from(Client(), movie, served.pk) == 200
    assert feedback() == []


def test_a_movie_that_is_not_on_the_list_gains_nothing(member: Client, user: User) -> None:
    served = served_to(user, MovieFactory())
    assert open_from(member, MovieFactory(), served.pk) == 200
    assert feedback() == []


@pytest.mark.parametrize("odd", ["", "x", "1", "\0", "٣" * 32, "9" * 4000, str(uuid.uuid4()), "' OR 1=1 --"])
def test_odd_values_change_nothing(member: Client, odd: str) -> None:
    movie = MovieFactory()
    assert open_from(member, movie, odd) == 200
    hide = {"kind": "hidden", "on": "1", "list": odd}
    assert member.post(f"/movies/{movie.pk}/mark/", hide).status_code == 302
    assert feedback() == []


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose"])
def test_what_a_browser_fetches_in_advance_is_no_click(member: Client, user: User, header: str) -> None:
    movie = MovieFactory()
    served = served_to(user, movie)
    assert open_from(member, movie, served.pk, **{header: "prefetch;prerender"}) == 200
    member.head(movie.get_absolute_url(), {"list": served.pk})
    assert feedback() == []


def test_a_database_that_takes_no_writes_does_not_spoil_the_page(member: Client, user: User) -> None:
    movie = MovieFactory()
    served = served_to(user, movie)
    refused = OperationalError("read only")
    with mock.patch("recommendations.feedback.record_feedback", autospec=True, side_effect=refused):
        assert open_from(member, movie, served.pk) == 200


def test_the_page_is_read_before_its_click_is_written(
    member: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    movie = MovieFactory(genres=["Drama"])
    served = served_to(user, movie)
    member.get(movie.get_absolute_url())
    with django_assert_num_queries(8 + 7) as queries:
        # as without a list; then the list, whether it is told (in a savepoint), the insert (in another one)
        open_from(member, movie, served.pk)
    kinds = [query["sql"].split()[0] for query in queries.captured_queries]
    assert "INSERT" not in kinds[:9]
    with django_assert_num_queries(8 + 4):
        open_from(member, movie, served.pk)


def test_the_page_names_its_address_without_the_list(member: Client, user: User) -> None:
    movie = MovieFactory()
    served = served_to(user, movie)
    answer = member.get(movie.get_absolute_url(), {"list": served.pk})
    assert f'<link rel="canonical" href="{movie.get_absolute_url()}">' in answer.text
    assert "Cookie" in answer["Vary"]
    assert f'name="next" value="{movie.get_absolute_url()}?list={served.pk}"' in answer.text  # languages
    entry = Client().get(movie.get_absolute_url(), {"list": served.pk})
    assert f"/accounts/login/?next={movie.get_absolute_url()}%3Flist%3D{served.pk}" in entry.text


def test_hiding_a_movie_on_a_list_is_told_of_it_and_taking_it_back_tells_nothing(
    member: Client, user: User
) -> None:
    movie = MovieFactory()
    served = served_to(user, movie)
    for fields in ({"kind": "watchlist", "on": "1"}, {"kind": "hidden", "on": "1"}, {"kind": "hidden"}):
        answer = member.post(
            f"/movies/{movie.pk}/mark/",
            fields | {"list": served.pk, "shape": "row"},
            headers={"HX-Request": "true"},
        )
        assert fields["kind"] == "hidden" or str(served.pk) in answer.text  # the next press tells it, too
    assert feedback() == [(movie.pk, "hidden")]
    assert not user.marks.filter(kind="hidden").exists()


def test_hiding_a_movie_on_its_page_is_told_of_the_list_that_led_there(member: Client, user: User) -> None:
    movie = MovieFactory()
    served = served_to(user, movie)
    field = f'name="list" value="{served.pk}"'
    assert field in member.get(movie.get_absolute_url(), {"list": served.pk}).text
    assert field not in member.get(movie.get_absolute_url()).text
    member.post(f"/movies/{movie.pk}/mark/", {"kind": "hidden", "on": "1", "list": served.pk})
    assert feedback() == [(movie.pk, "clicked"), (movie.pk, "hidden")]


@pytest.mark.parametrize(("path", "seam"), [("/", "home"), ("/recommendations/", "views")])
def test_the_links_of_a_list_can_be_followed_and_counted(
    member: Client, user: User, path: str, seam: str
) -> None:
    movies = MovieFactory.create_batch(3)
    found = [Recommendation(MovieCard.of(movie), 0.5, 4.2) for movie in movies]
    answer = RecommendationList(PERSONAL, 1, found)
    if seam == "views":  # home itself keeps what it shows
        keep(answer, user, ListRequest())
    with mock.patch(f"recommendations.{seam}.recommend", autospec=True, return_value=answer):
        page = member.get(path).text
    assert page.count(f'name="list" value="{answer.list_id}"') >= 2  # watchlist and "not interested"
    for movie in movies:
        (link,) = set(re.findall(rf'href="(/movies/{movie.pk}/\?list=[^"]+)"', page))
        member.get(link)
    assert feedback() == [(movie.pk, "clicked") for movie in movies]
    assert clicked_share(7) == 1.0


def test_the_dashboards_rate_is_of_lists_not_of_clicks(member: Client, user: User) -> None:
    first, second = MovieFactory.create_batch(2)
    served = [served_to(user, first, second) for _ in range(4)]
    open_from(member, first, served[0].pk)
    open_from(member, second, served[0].pk)
    assert clicked_share(7) == 1 / 4


def test_rows_of_the_served_list_have_its_id_and_others_none(user: User) -> None:
    RatingFactory(user=user, stars=5.0, movie__title="Alien", movie__genres=["Drama"])
    movies, others = MovieFactory.create_batch(32, genres=["Drama"]), MovieFactory.create_batch(3)
    answer = RecommendationList(PERSONAL, 1, [Recommendation(MovieCard.of(movie), 0.5) for movie in movies])
    with mock.patch(
        "recommendations.home.similar_to_each",
        autospec=True,
        return_value=[[MovieCard.of(m) for m in others]],
    ):
        ids = {row.title: row.list_id for row in rows_for(user, answer)}
    assert ids["Drama for you"] == answer.list_id
    assert ids["Hidden gems for you"] == answer.list_id
    assert ids["Because you liked Alien"] is None
