"""Access tokens: what a program shows instead of its user's password. Only their hashes are stored."""

import hashlib
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What the bearer of a token may do; `staff` counts only for operators."""

    READ = "read", _("read")
    WRITE = "write", _("change")
    STAFF = "staff", _("act as an operator")


def digest_of(secret: str) -> str:
    """SHA-256 in hex. Secrets are random and long, so that neither salt nor a slow hash adds anything."""
    return hashlib.sha256(secret.encode()).hexdigest()


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def of(self, user: "models.Model") -> Self:
        return self.filter(user=user)

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class AccessToken(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = models.CharField(_("name"), max_length=60, blank=True, default="")  # empty: of a log-in
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("ends with"), max_length=4, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)  # within an hour

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return f"{self.name or 'log-in'} …{self.hint}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()
