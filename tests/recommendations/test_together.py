"""One list for several people, from the model of tests/world.py that is live in Milvus."""

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Mark, Membership, Movie, Rating, User
from catalog.services import mark_movie, rate_movie
from recommendations.models import ModelVersion
from recommendations.together.picking import GroupList, GroupRequest, pick_together
from tests.engines import EngineProcess
from tests.factories import UserFactory, WatchGroupFactory

Company = list[Membership]


def company_of(*users: User) -> Company:
    group = WatchGroupFactory(owner=users[0], members=users[1:])
    return list(group.memberships.select_related("user").order_by("pk"))


def fan_of(genre: str) -> User:
    """Somebody whose only ratings are high ones of two movies of `genre`."""
    user = UserFactory()
    for movie in Movie.objects.in_genre(genre).order_by("pk")[:2]:
        rate_movie(user, movie, stars=5)
    return user


def genres(answer: GroupList) -> list[str]:
    return [pick.movie.genres[0].name for pick in answer.results]


@pytest.fixture
def pair(stored: None) -> Company:
    return company_of(fan_of("action"), fan_of("comedy"))


def test_the_list_has_something_for_each_of_two_tastes(live: ModelVersion, pair: Company) -> None:
    answer = pick_together(pair, GroupRequest(limit=20))
    assert (answer.personal, answer.model_version, answer.notice) == (True, 1, "")
    assert {"Action", "Comedy"} <= set(genres(answer))


def test_of_one_taste_the_list_is_of_that_taste(live: ModelVersion) -> None:
    answer = pick_together(company_of(fan_of("horror"), fan_of("horror")), GroupRequest(limit=5))
    assert set(genres(answer)) == {"Horror"}


def test_a_movie_that_any_member_has_seen_is_not_listed(live: ModelVersion, pair: Company) -> None:
    seen = set(Rating.objects.filter(user__in=[m.user for m in pair]).values_list("movie_id", flat=True))
    assert seen.isdisjoint(pick.movie.id for pick in pick_together(pair, GroupRequest(limit=100)).results)


def test_seen_movies_come_back_only_when_all_would_watch_them_again(
    live: ModelVersion, pair: Company
) -> None:
    def listed() -> set[int]:
        return {pick.movie.id for pick in pick_together(pair, GroupRequest(limit=100)).results}

    seen = set(Rating.objects.filter(user=pair[0].user).values_list("movie_id", flat=True))
    pair[0].rewatches = True
    assert seen.isdisjoint(listed())
    pair[1].rewatches = True
    assert seen <= listed()


@pytest.mark.parametrize("kind", [Mark.Kind.HIDDEN, Mark.Kind.UNFINISHED])
@pytest.mark.parametrize("rewatches", [False, True])
def test_what_one_member_does_not_want_nobody_is_shown(
    live: ModelVersion, pair: Company, kind: Mark.Kind, rewatches: bool
) -> None:
    for membership in pair:
        membership.rewatches = rewatches
    first = pick_together(pair).results[0].movie.id
    mark_movie(pair[1].user, Movie.objects.get(pk=first), kind=kind)
    assert first not in [pick.movie.id for pick in pick_together(pair, GroupRequest(limit=100)).results]


def test_a_withdrawn_movie_is_gone_before_the_index_knows(live: ModelVersion, pair: Company) -> None:
    first = pick_together(pair).results[0].movie.id
    Movie.objects.filter(pk=first).update(withdrawn=True)
    assert first not in [pick.movie.id for pick in pick_together(pair, GroupRequest(limit=100)).results]


def test_genre_and_years_hold_for_every_pick(live: ModelVersion, pair: Company) -> None:
    answer = pick_together(pair, GroupRequest(limit=50, genre="drama", year_min=1985, year_max=1990))
    assert set(genres(answer)) == {"Drama"}
    assert {pick.movie.year for pick in answer.results} <= set(range(1985, 1991))


def test_filters_that_nothing_fits_give_an_empty_list(live: ModelVersion, pair: Company) -> None:
    assert pick_together(pair, GroupRequest(genre="no-such")).results == []


def test_each_pick_says_what_it_is_to_each_member_and_why(live: ModelVersion, pair: Company) -> None:
    for pick in pick_together(pair, GroupRequest(limit=10)).results:
        assert [outlook.user for outlook in pick.outlooks] == [membership.user for membership in pair]
        for outlook in pick.outlooks:
            assert 0.5 <= outlook.predicted_rating <= 5
            liked = Rating.objects.filter(user=outlook.user).values_list("movie_id", flat=True)
            assert outlook.because is None or outlook.because.movie_id in liked


def test_movies_that_suit_all_come_before_those_that_somebody_may_not_enjoy(
    live: ModelVersion, pair: Company
) -> None:
    suits = [pick.suits_all for pick in pick_together(pair, GroupRequest(limit=100)).results]
    assert suits == sorted(suits, reverse=True)


def test_a_member_who_is_new_counts_too_and_is_named_as_new(live: ModelVersion) -> None:
    answer = pick_together(company_of(fan_of("action"), UserFactory()), GroupRequest(limit=3))
    assert answer.personal
    assert [outlook.is_new for outlook in answer.results[0].outlooks] == [False, True]
    assert answer.results[0].outlooks[1].because is None


def test_a_group_of_newcomers_gets_a_list(live: ModelVersion) -> None:
    answer = pick_together(company_of(*UserFactory.create_batch(4)), GroupRequest(limit=5))
    assert (answer.personal, len(answer.results)) == (True, 5)


@pytest.mark.parametrize(("members", "queries"), [(2, 5), (4, 7)])
def test_the_number_of_queries_depends_on_the_number_of_members_alone(
    live: ModelVersion, django_assert_num_queries: DjangoAssertNumQueries, members: int, queries: int
) -> None:
    company = company_of(*[fan_of("action") for _ in range(members)])
    pick_together(company)
    for limit in (1, 40):
        with django_assert_num_queries(queries):  # histories, marks, cards; titles for each member
            pick_together(company, GroupRequest(limit=limit))


def test_with_milvus_stopped_popular_movies_come_that_nobody_has_seen(
    live: ModelVersion, pair: Company, milvus: EngineProcess
) -> None:
    milvus.kill()
    answer = pick_together(pair, GroupRequest(limit=40, genre="action"))
    seen = set(Rating.objects.filter(user__in=[m.user for m in pair]).values_list("movie_id", flat=True))
    assert (answer.personal, answer.model_version) == (False, None)
    assert "out of reach" in answer.notice
    assert seen.isdisjoint(pick.movie.id for pick in answer.results)
    assert set(genres(answer)) == {"Action"}


def test_without_a_model_popular_movies_come_with_a_notice(
    stored: None, pair: Company, milvus: EngineProcess
) -> None:
    answer = pick_together(pair)
    assert "not ready" in answer.notice
    assert len(answer.results) == GroupRequest().limit
