"""Who gets into a group of people who watch together, and how they get out."""

from datetime import timedelta

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from catalog import watch_groups
from catalog.models import GroupLink, Invitation, Membership, User, WatchGroup
from catalog.watch_groups import GroupRefused
from tests.factories import UserFactory, WatchGroupFactory

pytestmark = pytest.mark.django_db


def names(group: WatchGroup) -> set[str]:
    return set(group.memberships.values_list("user__username", flat=True))


def refusal(call: object, *args: object) -> str:
    with pytest.raises(GroupRefused) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value.code


def test_who_makes_a_group_is_its_first_member() -> None:
    ada = UserFactory(username="ada")
    assert names(watch_groups.create_group(ada, name="Fridays")) == {"ada"}


def test_nobody_makes_groups_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_groups, "MOST_GROUPS", 1)
    group = WatchGroupFactory()
    with pytest.raises(GroupRefused, match="very many"):
        watch_groups.create_group(group.owner, name="One more")


def test_whoever_has_the_link_may_join() -> None:
    group = WatchGroupFactory(owner__username="ada")
    link = watch_groups.make_link(group)
    watch_groups.join_by_link(UserFactory(username="ben"), link.token)
    assert names(group) == {"ada", "ben"}


def test_a_link_cannot_be_made_from_the_id_alone() -> None:
    link = watch_groups.make_link(WatchGroupFactory())
    for token in (link.pk.hex, f"{link.pk.hex}:signature", "", "nonsense"):
        assert refusal(watch_groups.join_by_link, UserFactory(), token) == "invalid_link"


def test_a_link_ends_when_it_is_revoked_replaced_or_old(time_machine: TimeMachineFixture) -> None:
    group = WatchGroupFactory()
    replaced = watch_groups.make_link(group).token
    revoked = watch_groups.make_link(group).token
    watch_groups.revoke_link(group)
    expired = watch_groups.make_link(group).token
    time_machine.move_to(timezone.now() + timedelta(days=watch_groups.OPEN_DAYS, minutes=1))
    for token in (replaced, revoked, expired):
        assert refusal(watch_groups.join_by_link, UserFactory(), token) == "invalid_link"
    assert group.memberships.count() == 1


def test_a_group_takes_four_and_no_fifth() -> None:
    group = WatchGroupFactory(members=UserFactory.create_batch(2))
    token = watch_groups.make_link(group).token
    watch_groups.join_by_link(UserFactory(), token)
    assert refusal(watch_groups.join_by_link, UserFactory(), token) == "full"
    assert group.memberships.count() == 4


def test_joining_twice_is_the_same_as_once_also_in_a_full_group() -> None:
    others = UserFactory.create_batch(3)
    group = WatchGroupFactory(members=others)
    watch_groups.join_by_link(others[0], watch_groups.make_link(group).token)
    assert group.memberships.count() == 4


def test_an_invitation_makes_nobody_a_member() -> None:
    group, ben = WatchGroupFactory(owner__username="ada"), UserFactory(username="ben")
    watch_groups.invite(group, "ben")
    assert names(group) == {"ada"}
    assert [invitation.group for invitation in Invitation.objects.waiting_for(ben)] == [group]


def test_who_accepts_is_a_member_and_the_invitation_is_gone() -> None:
    group, ben = WatchGroupFactory(owner__username="ada"), UserFactory(username="ben")
    watch_groups.invite(group, "ben")
    watch_groups.accept(Invitation.objects.get())
    assert names(group) == {"ada", "ben"}
    assert not Invitation.objects.exists()
    assert ben.memberships.count() == 1


def test_an_invitation_looks_the_same_whether_or_not_the_name_exists() -> None:
    group = WatchGroupFactory()
    UserFactory(username="ben")
    for name in ("ben", "nobody"):
        watch_groups.invite(group, name)
    watch_groups.decline(Invitation.objects.get(name="ben"))
    assert set(group.invitations.open().values_list("name", flat=True)) == {"ben", "nobody"}


def test_who_declined_is_not_asked_again() -> None:
    group, ben = WatchGroupFactory(), UserFactory(username="ben")
    for _ in range(2):
        watch_groups.invite(group, "ben")
        watch_groups.decline(Invitation.objects.get())
        watch_groups.withdraw(Invitation.objects.get())
    watch_groups.invite(group, "ben")
    assert not Invitation.objects.waiting_for(ben).exists()


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
def test_an_invitation_does_not_wait_for_ever(how: str, time_machine: TimeMachineFixture) -> None:
    ben = UserFactory(username="ben")
    watch_groups.invite(WatchGroupFactory(), "ben")
    if how == "withdrawn":
        watch_groups.withdraw(Invitation.objects.get())
    else:
        time_machine.move_to(timezone.now() + timedelta(days=watch_groups.OPEN_DAYS, minutes=1))
    assert not Invitation.objects.waiting_for(ben).exists()


def test_who_bears_the_name_later_is_not_invited_by_it() -> None:
    watch_groups.invite(WatchGroupFactory(), "ben")
    assert not Invitation.objects.waiting_for(UserFactory(username="ben")).exists()


def test_members_are_not_invited_and_invitations_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_groups, "MOST_INVITATIONS", 1)
    group = WatchGroupFactory(owner__username="ada")
    assert refusal(watch_groups.invite, group, "ada") == "member"
    watch_groups.invite(group, "ben")
    watch_groups.invite(group, "ben")
    assert refusal(watch_groups.invite, group, "cleo") == "too_many"


def test_a_member_leaves_and_the_owner_cannot() -> None:
    ben = UserFactory()
    group = WatchGroupFactory(owner__username="ada", members=[ben])
    watch_groups.leave(ben, group)
    assert refusal(watch_groups.leave, group.owner, group) == "owner"
    assert names(group) == {"ada"}


def test_who_was_removed_does_not_come_back_by_the_link() -> None:
    ben = UserFactory()
    group = WatchGroupFactory(members=[ben])
    token = watch_groups.make_link(group).token
    watch_groups.remove_member(group, ben)
    assert refusal(watch_groups.join_by_link, ben, token) == "invalid_link"


def test_a_group_ends_with_the_account_of_its_owner() -> None:
    group = WatchGroupFactory(members=[UserFactory()])
    watch_groups.make_link(group)
    watch_groups.invite(group, "ben")
    group.owner.delete()
    assert not WatchGroup.objects.exists()
    assert not Membership.objects.exists()
    assert not GroupLink.objects.exists()
    assert not Invitation.objects.exists()


def test_a_member_vanishes_from_groups_with_their_account() -> None:
    ben = UserFactory(username="ben")
    group, other = WatchGroupFactory(owner__username="ada", members=[ben]), WatchGroupFactory()
    watch_groups.invite(other, "ben")
    User.objects.get(username="ben").delete()
    assert names(group) == {"ada"}
    assert not Invitation.objects.exists()
