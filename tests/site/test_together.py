"""Pages of groups: mine are mine, nobody is in one who did not agree, and no name is given away."""

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog import watch_groups
from catalog.models import Invitation, Membership, User, WatchGroup
from recommendations.vector_index import VectorIndexUnavailable
from tests.factories import PASSWORD, MovieFactory, RatingFactory, UserFactory, WatchGroupFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(user: User) -> WatchGroup:
    return WatchGroupFactory(owner=user, name="Fridays")


def posted(client: Client, group: WatchGroup, action: str, **form: str) -> int:
    return client.post(f"/together/{group.pk}/{action}", form).status_code


def test_a_new_group_opens_with_its_maker_in_it(member: Client, user: User) -> None:
    page = member.post("/together/", {"name": "Fridays"}, follow=True)
    assert page.redirect_chain == [(f"/together/{WatchGroup.objects.get().pk}/", 302)]
    assert [m.user for m in page.context["members"]] == [user]
    assert "Invite somebody" in page.text


def test_a_group_wants_a_name(member: Client) -> None:
    assert "This field is required." in member.post("/together/", {"name": " "}).text
    assert not WatchGroup.objects.exists()


def test_the_overview_lists_my_groups_only(member: Client, mine: WatchGroup) -> None:
    WatchGroupFactory(name="Strangers")
    joined = WatchGroupFactory(name="Mondays", members=[mine.owner])
    assert set(member.get("/together/").context["groups"]) == {mine, joined}


@pytest.mark.parametrize("groups", [1, 6])
def test_the_overview_takes_five_queries(
    member: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, groups: int
) -> None:
    WatchGroupFactory.create_batch(groups, owner=user, members=[UserFactory()])
    with django_assert_num_queries(5):  # session, user; invitations; groups with owners; members with users
        member.get("/together/")


@pytest.mark.parametrize("movies", [3, 20])
def test_a_group_that_falls_back_takes_as_many_queries_whatever_is_shown(
    member: Client, mine: WatchGroup, django_assert_num_queries: DjangoAssertNumQueries, movies: int
) -> None:
    Membership.objects.create(group=mine, user=UserFactory())
    for _ in range(movies):
        MovieFactory(genres=["Drama"])
    with django_assert_num_queries(13):
        # session, user; group, members; genres of the filter; histories, marks; popular, cards;
        # my stars, my marks; link, invitations
        member.get(f"/together/{mine.pk}/")


@pytest.fixture
def milvus_away() -> Iterator[None]:
    away = VectorIndexUnavailable("no route")
    with mock.patch("recommendations.together.picking.live_model", autospec=True, side_effect=away):
        yield


@pytest.mark.usefixtures("milvus_away")
def test_popular_movies_are_shown_without_milvus_and_the_page_says_so(
    member: Client, mine: WatchGroup
) -> None:
    Membership.objects.create(group=mine, user=UserFactory())
    unknown = MovieFactory()
    popular = RatingFactory().movie
    page = member.get(f"/together/{mine.pk}/")
    assert "Picks are out of reach for a moment. These are popular." in page.text
    assert [pick.movie.id for pick in page.context["answer"].results] == [popular.pk, unknown.pk]
    assert "nobody has seen" not in page.text


@pytest.mark.usefixtures("milvus_away")
def test_who_is_alone_is_told_even_where_movies_are_only_popular(member: Client, mine: WatchGroup) -> None:
    page = member.get(f"/together/{mine.pk}/").text
    assert "out of reach" in page
    assert "So far it is only you." in page


@pytest.mark.parametrize("path", ["/together/", "/together/{group}/", "/together/{group}/delete/"])
def test_groups_speak_german(member: Client, mine: WatchGroup, path: str) -> None:
    page = member.get(path.format(group=mine.pk), headers={"accept-language": "de"}).text
    assert "Runde" in page
    assert "Together" not in page
    assert "roup<" not in page


def test_what_is_wrong_with_a_filter_stands_where_the_picks_are_swapped(
    member: Client, mine: WatchGroup
) -> None:
    address = f"/together/{mine.pk}/?year_min=2000&year_max=1990"
    page = member.get(address, headers={"HX-Request": "true"}).text
    assert "This year lies before the first one." in page.partition('id="picks"')[2]


def test_a_movie_that_a_member_has_seen_is_not_shown(member: Client, mine: WatchGroup) -> None:
    ben = UserFactory()
    Membership.objects.create(group=mine, user=ben)
    fresh = MovieFactory()
    RatingFactory(user=ben)
    assert [p.movie.id for p in member.get(f"/together/{mine.pk}/").context["answer"].results] == [fresh.pk]


OWNERS = [
    "invite/",
    "link/",
    "link/revoke/",
    "delete/",
    "members/{ben}/remove/",
    "invitations/{invited}/withdraw/",
]
MEMBERS = ["leave/", "rewatch/"]


@pytest.mark.parametrize("action", OWNERS + MEMBERS)
def test_a_group_of_others_is_not_found(member: Client, action: str) -> None:
    ben = UserFactory()
    group = WatchGroupFactory(members=[ben])
    watch_groups.invite(group, "cleo")
    path = action.format(ben=ben.pk, invited=Invitation.objects.get().pk)
    assert member.get(f"/together/{group.pk}/").status_code == 404
    assert posted(member, group, path, name="dora", allowed="1") == 404
    assert group.memberships.count() == 2


@pytest.mark.parametrize("action", OWNERS)
def test_a_member_does_not_do_what_is_the_owners(member: Client, user: User, action: str) -> None:
    ben = UserFactory()
    group = WatchGroupFactory(members=[user, ben])
    watch_groups.invite(group, "cleo")
    path = action.format(ben=ben.pk, invited=Invitation.objects.get().pk)
    assert posted(member, group, path, name="dora") == 404
    assert group.memberships.count() == 3
    assert group.invitations.open().count() == 1
    assert "Invite somebody" not in member.get(f"/together/{group.pk}/").text


@pytest.mark.parametrize(
    "path", ["/together/", "/together/{group}/", "/together/{group}/delete/", "/together/join/{token}/"]
)
def test_visitors_log_in_first(client: Client, path: str) -> None:
    group = WatchGroupFactory()
    token = watch_groups.make_link(group).token
    answer = client.get(path.format(group=group.pk, token=token))
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_an_invitation_gives_the_same_answer_whether_or_not_the_name_exists(
    member: Client, mine: WatchGroup
) -> None:
    UserFactory(username="benedikta")
    pages = []
    for name in ("benedikta", "theodora7"):
        page = member.post(f"/together/{mine.pk}/invite/", {"name": name}, follow=True).text
        page = re.sub(r'value="[\w-]{64}"', "", page).replace(name, "NAME")
        pages.append(re.sub(r"invitations/\d+/", "invitations/N/", page))
        mine.invitations.all().delete()
    assert "your invitation is waiting" in pages[0]
    assert pages[0] == pages[1]


def test_an_invitation_waits_on_the_home_page_and_joins_nobody_by_itself(member: Client, user: User) -> None:
    group = WatchGroupFactory(name="Mondays", owner__username="ada")
    watch_groups.invite(group, user.username)
    page = member.get("/").text
    assert "<strong>ada</strong> would like to pick movies with you" in page
    assert "how many stars we predict for you" in page
    assert member.get(f"/together/{group.pk}/").status_code == 404


def test_who_agrees_is_in_and_who_declines_is_not(member: Client, user: User) -> None:
    groups = WatchGroupFactory.create_batch(2)
    for group, answer in zip(groups, ("accept", "decline"), strict=True):
        watch_groups.invite(group, user.username)
        member.post(f"/together/invitations/{group.invitations.get().pk}/", {"answer": answer})
    assert [m.group for m in user.memberships.all()] == [groups[0]]
    assert "You are invited" not in member.get("/together/").text


def test_nobody_answers_the_invitation_of_another(member: Client) -> None:
    group, ben = WatchGroupFactory(), UserFactory(username="ben")
    watch_groups.invite(group, "ben")
    path = f"/together/invitations/{group.invitations.get().pk}/"
    assert member.post(path, {"answer": "accept"}).status_code == 404
    assert group.invitations.waiting_for(ben).exists()


def test_a_link_asks_before_it_lets_in(member: Client, user: User) -> None:
    group = WatchGroupFactory(name="Mondays", owner__username="ada")
    path = f"/together/join/{watch_groups.make_link(group).token}/"
    page = member.get(path)
    assert "Join Mondays?" in page.text
    assert not user.memberships.exists()
    assert member.post(path).url == f"/together/{group.pk}/"
    assert user.memberships.get().group == group


def test_a_link_that_has_ended_says_so(member: Client, mine: WatchGroup) -> None:
    token = watch_groups.make_link(mine).token
    watch_groups.revoke_link(mine)
    answer = member.get(f"/together/join/{token}/")
    assert answer.status_code == 404
    assert "no longer valid" in answer.text


def test_a_link_into_a_full_group_says_so(member: Client) -> None:
    group = WatchGroupFactory(members=UserFactory.create_batch(3))
    answer = member.post(f"/together/join/{watch_groups.make_link(group).token}/")
    assert "The group is full" in answer.text
    assert group.memberships.count() == 4


def test_a_link_opened_before_signing_up_is_remembered(client: Client) -> None:
    path = f"/together/join/{watch_groups.make_link(WatchGroupFactory()).token}/"
    client.get(path)
    ben = UserFactory(username="ben")
    client.post("/accounts/login/", {"username": "ben", "password": PASSWORD})
    assert f'href="{path}"' in client.get("/").text
    client.post(path)
    assert ben.memberships.exists()
    assert "You are invited" not in client.get("/").text


def test_the_owner_makes_and_ends_a_link(member: Client, mine: WatchGroup) -> None:
    posted(member, mine, "link/")
    assert mine.link.token in member.get(f"/together/{mine.pk}/").text
    posted(member, mine, "link/revoke/")
    assert watch_groups.open_link(mine) is None


def test_the_owner_removes_a_member_but_not_themselves(member: Client, mine: WatchGroup) -> None:
    ben = UserFactory()
    Membership.objects.create(group=mine, user=ben)
    assert posted(member, mine, f"members/{ben.pk}/remove/") == 302
    assert posted(member, mine, f"members/{mine.owner_id}/remove/") == 404
    assert mine.memberships.count() == 1


def test_a_member_leaves(member: Client, user: User) -> None:
    group = WatchGroupFactory(members=[user])
    assert posted(member, group, "leave/") == 302
    assert not user.memberships.exists()


def test_the_owner_is_told_to_delete_instead_of_leaving(member: Client, mine: WatchGroup) -> None:
    page = member.post(f"/together/{mine.pk}/leave/", follow=True).text
    assert "delete it instead" in page
    assert mine.memberships.exists()


def test_a_group_is_deleted_after_asking(member: Client, mine: WatchGroup) -> None:
    assert "Delete Fridays?" in member.get(f"/together/{mine.pk}/delete/").text
    assert WatchGroup.objects.exists()
    posted(member, mine, "delete/")
    assert not WatchGroup.objects.exists()


def test_each_says_for_themselves_whether_they_watch_again(member: Client, mine: WatchGroup) -> None:
    Membership.objects.create(group=mine, user=UserFactory())
    posted(member, mine, "rewatch/", allowed="1")
    assert list(mine.memberships.order_by("pk").values_list("rewatches", flat=True)) == [True, False]
    posted(member, mine, "rewatch/")
    assert not mine.memberships.filter(rewatches=True).exists()


def test_of_a_movie_that_i_would_watch_again_my_own_rating_is_shown(
    member: Client, user: User, mine: WatchGroup
) -> None:
    ben = UserFactory()
    Membership.objects.create(group=mine, user=ben, rewatches=True)
    movie = RatingFactory(user=user, stars=4.5).movie
    RatingFactory(user=ben, movie=movie, stars=1.0)
    mine.memberships.filter(user=user).update(rewatches=True)
    page = " ".join(member.get(f"/together/{mine.pk}/").text.split())
    assert page.count("Your rating:</span>4½") == 1  # and not what Ben gave
