"""A rating that should count less: stored for its owner, taken back by undo, gone with the account."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Influence, User
from catalog.services import rate_movie, remove_rating, weigh_rating
from recommendations.interactions import user_input
from tests.factories import MovieFactory, RatingFactory

pytestmark = pytest.mark.django_db


def weigh(client: Client, movie_id: int, weight: str) -> int:
    return client.post(f"/recommendations/{movie_id}/weight/", {"weight": weight}).status_code


@pytest.mark.parametrize("weight", ["0", "0.5"])
def test_a_rating_counts_less_at_once_and_fully_again_by_undo(
    member: Client, user: User, weight: str
) -> None:
    rating = RatingFactory(user=user)
    assert weigh(member, rating.movie_id, weight) == 302
    assert user_input(user).counts.tolist() == [float(weight)]
    page = member.get("/recommendations/less-used/").text
    assert rating.movie.title in page
    assert 'name="weight" value="1"' in page
    assert weigh(member, rating.movie_id, "1") == 302
    assert user_input(user).counts.tolist() == [1]
    assert not Influence.objects.exists()


def test_the_message_offers_what_it_was_before(member: Client, user: User) -> None:
    rating = RatingFactory(user=user)
    page = member.post(f"/recommendations/{rating.movie_id}/weight/", {"weight": "0"}, follow=True).text
    assert "no longer counts" in page
    assert '<input type="hidden" name="weight" value="1">' in page


@pytest.mark.parametrize("weight", ["", "2", "-1", "x"])
def test_a_weight_that_makes_no_sense_is_refused(member: Client, user: User, weight: str) -> None:
    assert weigh(member, RatingFactory(user=user).movie_id, weight) == 400


def test_another_persons_rating_is_out_of_reach(member: Client, client: Client) -> None:
    other = RatingFactory()
    assert weigh(member, other.movie_id, "0") == 404
    assert not Influence.objects.exists()


@pytest.mark.parametrize("count", [1, 12])
def test_the_ratings_that_count_less_take_four_queries(
    member: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for rating in RatingFactory.create_batch(count, user=user):
        weigh_rating(rating, weight=Influence.LESS)
    with django_assert_num_queries(4):  # session, user, count, ratings with movies
        member.get("/recommendations/less-used/")


def test_visitors_are_sent_to_log_in() -> None:
    assert weigh(Client(), MovieFactory().pk, "0") == 302
    assert "/login/" in Client().get("/recommendations/less-used/").url


def test_it_stays_when_the_stars_change_and_goes_with_the_rating(user: User) -> None:
    rating = RatingFactory(user=user)
    weigh_rating(rating, weight=Influence.LESS)
    rate_movie(user, rating.movie, stars=1.0)
    assert user_input(user).counts.tolist() == [0.5]
    remove_rating(user, rating.movie)
    assert not Influence.objects.exists()


def test_it_is_taken_along_and_deleted_with_the_account(member: Client, user: User) -> None:
    weigh_rating(RatingFactory(user=user, movie__title="Alien"), weight=Influence.LESS)
    document = member.get("/accounts/export/data.json").json()
    assert [(row["title"], row["weight"]) for row in document["ratings_that_count_less"]] == [("Alien", 0.5)]
    user.delete()
    assert not Influence.objects.exists()


def test_a_movie_without_reasons_is_explained_in_words(member: Client, user: User) -> None:
    assert "not a personal pick" in member.get(f"/recommendations/{MovieFactory().pk}/why/").text
    assert "rated or hidden" in member.get(f"/recommendations/{RatingFactory(user=user).movie_id}/why/").text
    assert member.get("/recommendations/999999/why/").status_code == 404
