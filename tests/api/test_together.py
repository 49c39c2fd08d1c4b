"""Groups that watch together over the API: a whole evening, and what is not another's."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from catalog import watch_groups
from catalog.models import Invitation, User, WatchGroup
from tests.factories import MovieFactory, RatingFactory, UserFactory, WatchGroupFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/together/"


@pytest.fixture
def ben() -> User:
    return UserFactory(username="ben")


def test_from_the_group_to_the_list(
    client: APIClient, user: User, ben: User, client_of: Callable[..., APIClient]
) -> None:
    seen, movie = RatingFactory(user=ben).movie, MovieFactory(rating_count=5)
    group = client.post(URL, {"name": "Fridays"}).json()
    url = f"{URL}{group['id']}/"
    assert client.post(f"{url}invitations/", {"username": "ben"}).status_code == 202
    theirs = client_of(ben)
    (invitation,) = theirs.get(f"{URL}invitations/").json()
    assert (invitation["group"], invitation["owner"]) == ("Fridays", user.username)
    assert theirs.post(f"{URL}invitations/{invitation['id']}/", {"accept": True}).status_code == 204
    assert [member["username"] for member in client.get(url).json()["members"]] == [user.username, "ben"]
    answer = theirs.get(f"{url}recommendations/").json()
    assert answer["notice"]
    listed = [pick["movie"]["id"] for pick in answer["results"]]
    assert movie.pk in listed
    assert seen.pk not in listed


def test_a_link_lets_in_until_it_is_ended(
    client: APIClient, user: User, ben: User, client_of: Callable[..., APIClient]
) -> None:
    url = f"{URL}{WatchGroupFactory(owner=user).pk}/link/"
    token = client.post(url).json()["token"]
    joined = client_of(ben).post(f"{URL}join/", {"token": token}).json()
    assert len(joined["members"]) == 2
    assert client.delete(url).status_code == 204
    refused = client_of(UserFactory()).post(f"{URL}join/", {"token": token})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "invalid_link")


def test_whether_a_name_exists_is_not_told(client: APIClient, user: User, ben: User) -> None:
    url = f"{URL}{WatchGroupFactory(owner=user).pk}/invitations/"
    answers = [client.post(url, {"username": name}) for name in ("ben", "nobody")]
    assert answers[0].content == answers[1].content
    assert [answer.status_code for answer in answers] == [202, 202]


def test_a_member_leaves_and_is_removed_and_the_owner_stays(
    client: APIClient, user: User, ben: User, client_of: Callable[..., APIClient]
) -> None:
    group = WatchGroupFactory(owner=user, members=[ben, UserFactory(username="carla")])
    url = f"{URL}{group.pk}/"
    assert client_of(ben).patch(f"{url}me/", {"rewatches": True}).json()["members"][1]["rewatches"]
    assert client_of(ben).delete(f"{url}me/").status_code == 204
    assert client.delete(f"{url}members/carla/").status_code == 204
    refused = client.delete(f"{url}me/")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "owner")
    assert client.delete(url).status_code == 204
    assert not WatchGroup.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "", None),
        ("delete", "", None),
        ("get", "recommendations/", None),
        ("post", "invitations/", {"username": "ben"}),
        ("get", "invitations/", None),
        ("delete", "invitations/1/", None),
        ("get", "link/", None),
        ("post", "link/", None),
        ("delete", "link/", None),
        ("patch", "me/", {"rewatches": True}),
        ("delete", "me/", None),
        ("delete", "members/ben/", None),
    ],
)
def test_a_group_of_others_is_not_found(
    client: APIClient, ben: User, method: str, path: str, body: object
) -> None:
    url = f"{URL}{WatchGroupFactory(owner=ben).pk}/{path}"
    assert getattr(client, method)(url, body).status_code == 404
    assert getattr(APIClient(), method)(url, body).status_code == 401
    assert WatchGroup.objects.get().memberships.count() == 1


@pytest.mark.parametrize("path", ["", "link/", "members/ada/"])
def test_what_is_the_owners_a_member_may_not_do(client: APIClient, user: User, path: str) -> None:
    group = WatchGroupFactory(owner__username="ada", members=[user])
    assert client.delete(f"{URL}{group.pk}/{path}").status_code == 404
    assert group.memberships.count() == 2


def test_nobody_answers_the_invitation_of_another(client: APIClient, ben: User) -> None:
    watch_groups.invite(WatchGroupFactory(), "ben")
    url = f"{URL}invitations/{Invitation.objects.get().pk}/"
    assert client.post(url, {"accept": True}).status_code == 404


@pytest.mark.parametrize(
    ("query", "attr"),
    [("limit=0", "limit"), ("genre=none", "genre"), ("year_min=2000&year_max=1990", "year_max")],
)
def test_a_list_that_makes_no_sense_is_refused(client: APIClient, user: User, query: str, attr: str) -> None:
    answer = client.get(f"{URL}{WatchGroupFactory(owner=user).pk}/recommendations/?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


def test_a_link_shows_who_is_there_before_one_agrees(client: APIClient, ben: User) -> None:
    group = WatchGroupFactory(owner=ben, name="Fridays", members=[UserFactory(username="carla")])
    token = watch_groups.make_link(group).token
    door = client.get(f"{URL}join/", {"token": token})
    assert door.json() == {"name": "Fridays", "owner": "ben", "members": ["ben", "carla"]}
    assert group.memberships.count() == 2
    refused = client.get(f"{URL}join/", {"token": "nonsense"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "invalid_link")


def test_the_owner_sees_link_and_invitations_and_takes_one_back(
    client: APIClient, user: User, ben: User
) -> None:
    url = f"{URL}{WatchGroupFactory(owner=user).pk}/"
    assert client.get(f"{url}link/").status_code == 404
    token = client.post(f"{url}link/").json()["token"]
    assert client.get(f"{url}link/").json()["token"] == token
    client.post(f"{url}invitations/", {"username": "ben"})
    (sent,) = client.get(f"{url}invitations/").json()
    assert sent["username"] == "ben"
    assert client.delete(f"{url}invitations/{sent['id']}/").status_code == 204
    assert client.get(f"{url}invitations/").json() == []
    assert not Invitation.objects.waiting_for(ben).exists()


def test_what_members_have_seen_comes_back_once_all_would_watch_again(
    client: APIClient, user: User, ben: User, client_of: Callable[..., APIClient]
) -> None:
    seen = RatingFactory(user=ben).movie
    url = f"{URL}{WatchGroupFactory(owner=user, members=[ben]).pk}/"
    for who, listed in ((client, False), (client_of(ben), True)):
        who.patch(f"{url}me/", {"rewatches": True})
        answer = client.get(f"{url}recommendations/").json()
        assert answer["rewatching"] is listed
        assert (seen.pk in [pick["movie"]["id"] for pick in answer["results"]]) is listed
