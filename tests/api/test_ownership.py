"""Who may do what, for every endpoint and method: an operation without a line here fails the test."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from catalog.models import AccessToken, Mark, Rating, User
from catalog.models.watch_group import Invitation, Membership
from catalog.tokens import issue_token
from catalog.watch_groups import create_group
from recommendations.models import ListFeedback, ServedList
from tests.factories import MarkFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db

ANYBODY = "anybody"
MEMBER = "who logs in"  # and sees or changes what is theirs
OWNER = "its owner"  # for others what the address names is not there
OPERATOR = "operators"

AUDIENCES = {
    "POST account/": ANYBODY,
    "POST account/restoration/": ANYBODY,
    "POST account/deletion/": MEMBER,
    "GET account/export/ratings/": MEMBER,
    "GET browse/": MEMBER,
    "GET movies/suggestions/": ANYBODY,
    "GET movies/{movie_id}/audience/": ANYBODY,
    "GET movies/{movie_id}/prediction/": MEMBER,
    "POST ratings/import/preview/": MEMBER,
    "GET ratings/{movie_id}/influence/": OWNER,
    "PUT ratings/{movie_id}/influence/": OWNER,
    "GET recommendations/rows/": MEMBER,
    "GET taste/hindsight/": MEMBER,
    "GET together/join/": MEMBER,
    "GET together/{group_id}/invitations/": OWNER,
    "DELETE together/{group_id}/invitations/{invitation_id}/": OWNER,
    "GET together/{group_id}/link/": OWNER,
    "GET account/export/csv/": MEMBER,
    "GET account/export/json/": MEMBER,
    "POST account/password/": MEMBER,
    "GET account/profile/": MEMBER,
    "PATCH account/profile/": MEMBER,
    "POST auth/token/": ANYBODY,
    "GET auth/tokens/": MEMBER,
    "POST auth/tokens/": MEMBER,
    "DELETE auth/tokens/": MEMBER,
    "GET auth/tokens/{token_id}/": OWNER,
    "DELETE auth/tokens/{token_id}/": OWNER,
    "POST auth/tokens/{token_id}/rotate/": OWNER,
    "GET experiments/": OPERATOR,
    "POST experiments/": OPERATOR,
    "GET experiments/{experiment_id}/": OPERATOR,
    "PATCH experiments/{experiment_id}/": OPERATOR,
    "POST experiments/{experiment_id}/stop/": OPERATOR,
    "POST experiments/{experiment_id}/promote/": OPERATOR,
    "GET genres/": ANYBODY,
    "GET index/": OPERATOR,
    "POST index/jobs/": OPERATOR,
    "GET jobs/": OPERATOR,
    "GET jobs/{job_id}/": OPERATOR,
    "DELETE jobs/{job_id}/": OPERATOR,
    "GET model-versions/": OPERATOR,
    "GET model-versions/{number}/": OPERATOR,
    "PATCH model-versions/{number}/": OPERATOR,
    "POST model-versions/{number}/promote/": OPERATOR,
    "POST model-versions/rollback/": OPERATOR,
    "GET movies/": ANYBODY,
    "POST movies/": OPERATOR,
    "GET movies/{movie_id}/": ANYBODY,
    "PUT movies/{movie_id}/": OPERATOR,
    "PATCH movies/{movie_id}/": OPERATOR,
    "DELETE movies/{movie_id}/": OPERATOR,
    "GET movies/{movie_id}/similar/": ANYBODY,
    "POST movies/bulk/": OPERATOR,
    "GET ratings/": MEMBER,
    "POST ratings/": MEMBER,
    "GET ratings/{movie_id}/": OWNER,
    "PUT ratings/{movie_id}/": MEMBER,
    "DELETE ratings/{movie_id}/": OWNER,
    "POST ratings/batch/": MEMBER,
    "GET recommendations/": MEMBER,
    "POST recommendations/": ANYBODY,
    "POST recommendations/lists/{list_id}/feedback/": OWNER,
    "GET taste/": MEMBER,
    "GET taste/suggestions/": MEMBER,
    "GET recommendations/{movie_id}/why/": MEMBER,
    "GET together/": MEMBER,
    "POST together/": MEMBER,
    "POST together/join/": MEMBER,
    "GET together/invitations/": MEMBER,
    "POST together/invitations/{invitation_id}/": OWNER,
    "GET together/{group_id}/": OWNER,
    "DELETE together/{group_id}/": OWNER,
    "POST together/{group_id}/invitations/": OWNER,
    "POST together/{group_id}/link/": OWNER,
    "DELETE together/{group_id}/link/": OWNER,
    "PATCH together/{group_id}/me/": OWNER,
    "DELETE together/{group_id}/me/": OWNER,
    "DELETE together/{group_id}/members/{username}/": OWNER,
    "GET together/{group_id}/recommendations/": OWNER,
    "POST trainings/": OPERATOR,
    "GET users/{user_id}/recommendations/": OPERATOR,
    **{
        f"{method} {name}/{item}": audience
        for name in ("hidden", "unfinished", "watchlist")
        for method, item, audience in (
            ("GET", "", MEMBER),
            ("GET", "{movie_id}/", OWNER),
            ("PUT", "{movie_id}/", MEMBER),
            ("DELETE", "{movie_id}/", MEMBER),
        )
    },
}


READING = ("POST ratings/import/preview/",)  # changes nothing, whatever its method


def operations(audience: str) -> list[str]:
    return [operation for operation, of in AUDIENCES.items() if of == audience]


@dataclass
class Someone:
    """Somebody with one of everything that the API knows of a person."""

    user: User
    movie_id: int
    token_id: int
    list_id: Any
    group_id: int
    invitation_id: int

    def state(self) -> list[Any]:
        """All of it, to be compared."""
        tables = (Rating, Mark, AccessToken, ServedList)
        own = [list(table.objects.filter(user=self.user).order_by("pk").values()) for table in tables]
        feedback = list(ListFeedback.objects.filter(served_list__user=self.user).values())
        groups = [
            list(Membership.objects.filter(group=self.group_id).values()),
            list(Invitation.objects.filter(invitee=self.user).values()),
        ]
        return [*own, feedback, *groups, User.objects.filter(pk=self.user.pk).values().get()]


@pytest.fixture
def other() -> Someone:
    rating = RatingFactory()
    user, movie = rating.user, rating.movie
    for kind in Mark.Kind:
        MarkFactory(user=user, movie=movie, kind=kind)
    token, _secret = issue_token(user, scopes=["read"], name="script")
    served = ServedList.objects.create(user=user, source="personal", movie_ids=[movie.pk])
    group = create_group(user, name="Fridays")
    invitation = Invitation.objects.create(
        group=create_group(UserFactory(), name="Sundays"),
        name=user.username,
        invitee=user,
        expires_at=timezone.now() + timedelta(days=1),
    )
    return Someone(user, movie.pk, token.pk, served.pk, group.pk, invitation.pk)


def ask(client: APIClient, operation: str, other: Someone) -> Any:
    """Do it to what belongs to `other`, with a body that says as much as any of them may."""
    method, path = operation.split(" ")
    ids = {"movie_id": other.movie_id, "token_id": other.token_id, "list_id": other.list_id}
    ids |= {"group_id": other.group_id, "invitation_id": other.invitation_id}
    ids |= {"username": other.user.username, "user_id": other.user.pk, "job_id": "training-1", "number": 1}
    ids |= {"experiment_id": 1}
    body = {
        "stars": 1,
        "name": "Mine",
        "username": "somebody",
        "accept": True,
        "rewatches": True,
        "is_protected": True,
        "movie_id": other.movie_id,
        "ratings": [],
        "weight": 0.5,
        "csv": "movieId,rating\n1,4\n",
        "events": [{"movie_id": other.movie_id, "event": "clicked"}],
    }
    url = "/api/v1/" + path.format(**ids)
    return client.get(url) if method == "GET" else getattr(client, method.lower())(url, body)


def test_every_operation_of_the_api_has_its_audience() -> None:
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    prefix = "/api/v1/"
    found = {f"{verb.upper()} {path.removeprefix(prefix)}" for path in paths for verb in paths[path]}
    assert found - AUDIENCES.keys() == set(), "say in AUDIENCES who may do this"
    assert AUDIENCES.keys() - found == set(), "no such operation any more"


@pytest.mark.parametrize("operation", sorted(set(AUDIENCES) - set(operations(ANYBODY))))
def test_without_logging_in_one_does_none_of_it(anonymous: APIClient, other: Someone, operation: str) -> None:
    before = other.state()
    answer = ask(anonymous, operation, other)
    assert (answer.status_code, answer.json()["type"]) == (401, "client_error")
    assert other.state() == before


@pytest.mark.parametrize("operation", operations(ANYBODY))
def test_what_anybody_may_do_asks_for_no_token(anonymous: APIClient, other: Someone, operation: str) -> None:
    assert ask(anonymous, operation, other).status_code in (200, 400)


@pytest.mark.parametrize("operation", operations(OWNER))
def test_what_is_another_persons_is_not_there_and_stays(
    client: APIClient, other: Someone, operation: str
) -> None:
    before = other.state()
    assert ask(client, operation, other).status_code == 404
    assert other.state() == before


@pytest.mark.parametrize("operation", operations(MEMBER))
def test_what_a_member_does_touches_nobody_else(client: APIClient, other: Someone, operation: str) -> None:
    before = other.state()
    answer = ask(client, operation, other)
    assert answer.status_code < 500
    assert answer.status_code not in (401, 403, 404, 405)
    assert other.state() == before
    if operation.startswith("GET") and "export" not in operation:
        assert other.user.username not in answer.content.decode()


@pytest.mark.parametrize("operation", operations(OPERATOR))
def test_what_operators_do_is_refused_to_members_and_to_tokens_not_made_for_it(
    client: APIClient, client_of: Callable[..., APIClient], other: Someone, operation: str
) -> None:
    before = other.state()
    operator = UserFactory(is_staff=True, is_superuser=True)
    assert ask(client, operation, other).status_code == 403
    refused = ask(client_of(operator, "read", "write"), operation, other)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "insufficient_scope")
    assert other.state() == before


@pytest.mark.parametrize("operation", sorted(set(AUDIENCES) - set(operations(ANYBODY))))
def test_a_token_that_may_only_read_writes_nothing(
    user: User, client_of: Callable[..., APIClient], other: Someone, operation: str
) -> None:
    if operation.startswith("GET") or operation in READING:
        answer = ask(client_of(user, "write"), operation, other)
    else:
        answer = ask(client_of(user, "read"), operation, other)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "insufficient_scope")
