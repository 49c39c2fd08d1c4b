"""What happens to groups of people who watch together: made, joined, left, ended.

Callers have checked who asks: the functions on a group are its owner's, `join_by_link`, `accept`, `decline`
and `leave` are the person's own.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import GroupLink, Invitation, Membership, User, WatchGroup

MOST_MEMBERS = 4
MOST_GROUPS = 20  # that one person owns
MOST_INVITATIONS = 12  # of a group that have not expired
OPEN_DAYS = 7  # of a link or an invitation


class GroupRefused(Exception):
    """A group does not admit what was asked; the message says why, in the reader's language."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code  # for programs


def create_group(owner: User, *, name: str) -> WatchGroup:
    """A group with `owner` as its only member. Raises GroupRefused ("too_many")."""
    if owner.owned_groups.count() >= MOST_GROUPS:
        raise GroupRefused(_("You have made very many groups. Delete one first."), code="too_many")
    with transaction.atomic():
        group = WatchGroup.objects.create(owner=owner, name=name)
        Membership.objects.create(group=group, user=owner)
    return group


def make_link(group: WatchGroup) -> GroupLink:
    """A new link into the group, for OPEN_DAYS; the one before ends."""
    with transaction.atomic():
        revoke_link(group)
        return GroupLink.objects.create(group=group, expires_at=_expiry())


def revoke_link(group: WatchGroup) -> None:
    GroupLink.objects.filter(group=group).delete()


def open_link(group: WatchGroup) -> GroupLink | None:
    return GroupLink.objects.open().filter(group=group).first()


def group_behind(token: str) -> WatchGroup:
    """The group, with its members, that a link leads to. Raises GroupRefused ("invalid_link") if the link
    was not made here, has expired or was revoked; which one is not told."""
    link_id = GroupLink.id_of(token)
    link = GroupLink.objects.open().filter(pk=link_id).first() if link_id else None
    if link is None:
        raise GroupRefused(_("This invitation is no longer valid. Ask for a new one."), code="invalid_link")
    return WatchGroup.objects.with_members().get(pk=link.group_id)


def join_by_link(user: User, token: str) -> WatchGroup:
    """Make `user`, who has agreed, a member. Raises GroupRefused ("invalid_link", "full")."""
    group = group_behind(token)
    _add_member(group, user)
    return group


def invite(group: WatchGroup, name: str) -> None:
    """Invite whoever bears `name`; nothing tells whether anybody does.

    Who declined is not asked again by the same group. Raises GroupRefused ("member", "too_many").
    """
    if group.memberships.filter(user__username=name).exists():
        raise GroupRefused(_("%(name)s is in the group already.") % {"name": name}, code="member")
    open_ones = group.invitations.open().exclude(name=name).count()
    if open_ones >= MOST_INVITATIONS:
        message = _("Very many invitations of this group are waiting. Take one back first.")
        raise GroupRefused(message, code="too_many")
    invitee = User.objects.filter(username=name, is_active=True).first()
    Invitation.objects.update_or_create(
        group=group, name=name, defaults={"invitee": invitee, "expires_at": _expiry()}
    )


def withdraw(invitation: Invitation) -> None:
    """Take an invitation back; its row remembers whether it was declined."""
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())


def accept(invitation: Invitation) -> WatchGroup:
    """Make the receiver, who has agreed, a member. Raises GroupRefused ("full")."""
    if invitation.invitee is None:
        raise ValueError("nobody bears the name of this invitation")
    _add_member(invitation.group, invitation.invitee)
    return invitation.group


def decline(invitation: Invitation) -> None:
    """Who invited is not told."""
    Invitation.objects.filter(pk=invitation.pk).update(declined_at=timezone.now())


def leave(user: User, group: WatchGroup) -> None:
    """End the membership of `user`. Raises GroupRefused ("owner") for the owner, who can only delete the
    group."""
    if user.pk == group.owner_id:
        raise GroupRefused(_("It is your group: delete it instead of leaving it."), code="owner")
    Membership.objects.filter(group=group, user=user).delete()


def remove_member(group: WatchGroup, user: User) -> None:
    """End a membership and the link, by which `user` could come back. Raises GroupRefused ("owner")."""
    with transaction.atomic():
        leave(user, group)
        revoke_link(group)


def allow_rewatching(user: User, group: WatchGroup, *, allowed: bool) -> None:
    """Whether `user` would watch a movie again that they have seen."""
    Membership.objects.filter(group=group, user=user).update(rewatches=allowed)


def _add_member(group: WatchGroup, user: User) -> None:
    """Two who join at the same time take turns, so that a group never gets too large."""
    with transaction.atomic():
        members = {m.user_id for m in _locked(group).memberships.all()}
        if user.pk not in members and len(members) >= MOST_MEMBERS:
            raise GroupRefused(
                _("The group is full: %(most)s people pick together.") % {"most": MOST_MEMBERS}, code="full"
            )
        Membership.objects.get_or_create(group=group, user=user)
        Invitation.objects.filter(group=group, invitee=user).delete()


def _locked(group: WatchGroup) -> WatchGroup:
    return WatchGroup.objects.select_for_update().get(pk=group.pk)


def _expiry() -> datetime:
    return timezone.now() + timedelta(days=OPEN_DAYS)
