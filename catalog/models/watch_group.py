"""Groups of people who watch together, and the two ways in: a link, or an invitation by user name.

Nobody is in a group who did not say so: an invitation is a row of its own until its receiver accepts it.
"""

import uuid
from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TOKENS = Signer(salt="catalog.watch_group.link")


class WatchGroupQuerySet(models.QuerySet["WatchGroup"]):
    def of(self, user: "models.Model") -> Self:
        """Those that `user` is a member of."""
        return self.filter(memberships__user=user)

    def with_members(self) -> Self:
        """With owner and members but those leaving the site, in two queries whatever the number of groups."""
        members = Membership.objects.filter(user__deletion_requested_at=None).select_related("user")
        members = members.order_by("joined_at", "pk")
        return self.select_related("owner").prefetch_related(models.Prefetch("memberships", members))


class WatchGroup(models.Model):
    """Its owner invites and removes, and is a member like the others; the group ends with their account."""

    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="owned_groups", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = WatchGroupQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("watch group")
        verbose_name_plural = _("watch groups")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    group = models.ForeignKey(WatchGroup, models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField(_("since"), auto_now_add=True)
    rewatches = models.BooleanField(_("would watch a movie again"), default=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="member_once_per_group")]

    def __str__(self) -> str:
        return f"user {self.user_id} in group {self.group_id}"


class GroupLinkQuerySet(models.QuerySet["GroupLink"]):
    def open(self) -> Self:
        """Not yet expired."""
        return self.filter(expires_at__gt=timezone.now())


class GroupLink(models.Model):
    """The one link of a group that lets whoever has it join. A new one, or none, ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.OneToOneField(WatchGroup, models.CASCADE, related_name="link")
    expires_at = models.DateTimeField(_("expires"))

    objects = GroupLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation link")
        verbose_name_plural = _("invitation links")

    def __str__(self) -> str:
        return f"link of group {self.group_id} until {self.expires_at:%Y-%m-%d %H:%M} UTC"

    @property
    def token(self) -> str:
        """For the address: random, and signed, so that neither guessing nor reading the table makes one."""
        return TOKENS.sign(self.pk.hex)

    @staticmethod
    def id_of(token: str) -> uuid.UUID | None:
        """The ID that `token` was made from; None if this site did not make it."""
        try:
            return uuid.UUID(hex=TOKENS.unsign(token))
        except (BadSignature, ValueError):
            return None


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Not yet expired."""
        return self.filter(expires_at__gt=timezone.now())

    def waiting_for(self, user: "models.Model") -> Self:
        """Those that `user` may accept or decline, latest first."""
        mine = self.open().filter(invitee=user, declined_at=None).order_by("-pk")
        return mine.select_related("group__owner")


class Invitation(models.Model):
    """An invitation of whoever bears a name. A row is made also when nobody does, and one that is declined
    stays until it expires, so that who invites cannot tell from it which names exist."""

    group = models.ForeignKey(WatchGroup, models.CASCADE, related_name="invitations", db_index=False)
    name = models.CharField(_("user name"), max_length=150)
    invitee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="invitations"
    )
    expires_at = models.DateTimeField(_("expires"))
    declined_at = models.DateTimeField(_("declined"), null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="invited_once_per_group")]

    def __str__(self) -> str:
        return f"invitation of {self.name} to group {self.group_id}"
