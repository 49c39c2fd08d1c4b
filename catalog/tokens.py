"""Issues, renews and revokes access tokens. A secret is told once, when it is made."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.models import AccessToken, Scope, User
from catalog.models.access_token import digest_of

PREFIX = "movierec_"  # by which scanners of source code recognise a token
DEFAULT_DAYS = 90
MOST_NAMED = 50  # of one user
LOG_INS_KEPT = 20  # of one user; the oldest makes room
LAST_USED_EVERY = timedelta(hours=1)


class TooManyTokens(Exception):
    """The user has as many named tokens as anybody may have."""


def scopes_allowed(user: User) -> list[str]:
    """What a token of `user` may be made for."""
    return [scope.value for scope in Scope if scope != Scope.STAFF or user.is_staff]


def issue_token(
    user: User,
    *,
    scopes: Iterable[str],
    name: str = "",
    days: int | None = DEFAULT_DAYS,
    until: datetime | None = None,
) -> tuple[AccessToken, str]:
    """A new token and its secret, valid for `days`, for ever when None, and no longer than `until`.

    Raises TooManyTokens.
    """
    own = AccessToken.objects.of(user)
    secret = _new_secret()
    with transaction.atomic():
        own.expired().delete()
        if name and own.exclude(name="").count() >= MOST_NAMED:
            raise TooManyTokens
        token = AccessToken.objects.create(
            user=user,
            name=name,
            scopes=sorted(set(scopes)),
            digest=digest_of(secret),
            hint=secret[-4:],
            expires_at=_earlier(None if days is None else timezone.now() + timedelta(days=days), until),
        )
        log_ins = own.filter(name="").order_by("-pk").values_list("pk", flat=True)
        own.filter(pk__in=list(log_ins[LOG_INS_KEPT:])).delete()
    return token, secret


def rotate_token(token: AccessToken, *, until: datetime | None = None) -> str:
    """Give `token` a new secret, which is returned, and its whole lifetime anew; the old one ends now.

    The lifetime ends no later than `until`.
    """
    secret, now = _new_secret(), timezone.now()
    whole = None if token.expires_at is None else now + (token.expires_at - token.created_at)
    token.expires_at = _earlier(whole, until)
    token.digest, token.hint = digest_of(secret), secret[-4:]
    token.created_at = token.last_used_at = now
    token.save(update_fields=["digest", "hint", "created_at", "expires_at", "last_used_at"])
    return secret


def revoke_tokens(user: User, *, besides: AccessToken | None = None) -> int:
    """End all tokens of `user`, or all but one; how many there were."""
    tokens = AccessToken.objects.of(user)
    if besides is not None:
        tokens = tokens.exclude(pk=besides.pk)
    deleted, _by_model = tokens.delete()
    return deleted


def log_out_everywhere(user: User) -> None:
    """End all sessions and tokens of `user`."""
    with transaction.atomic():
        user.logged_out_at = timezone.now()
        user.save(update_fields=["logged_out_at"])
        revoke_tokens(user)


def note_use(token: AccessToken) -> None:
    """Remember that `token` is in use; written once an hour, not with every request."""
    now = timezone.now()
    if token.last_used_at < now - LAST_USED_EVERY:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _earlier(*ends: datetime | None) -> datetime | None:
    """The first of these moments; None stands for never."""
    return min((end for end in ends if end is not None), default=None)


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)
