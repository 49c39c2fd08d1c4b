"""The end of an account: asked for, taken back within the grace period, carried out after it.

Who asked is inactive at once, so that Django and the API refuse every session, token and password of theirs.
"""

from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from catalog.models import User
from catalog.models.user import grace_period
from catalog.tokens import log_out_everywhere

DELETED_OPERATOR = "deleted operator"  # with a blank, so that nobody can sign up under it


def request_deletion(user: User) -> datetime:
    """Hide `user` from everybody and everything; their data is kept until the moment that is returned."""
    user.deletion_requested_at = timezone.now()
    user.is_active = False
    with transaction.atomic():
        user.save(update_fields=["deletion_requested_at", "is_active"])
        log_out_everywhere(user)
    return user.deletion_requested_at + grace_period()


def restore_account(user: User) -> User:
    """Make everything as it was before the request, but for sessions and tokens, which are over."""
    user.deletion_requested_at = None
    user.is_active = True
    user.save(update_fields=["deletion_requested_at", "is_active"])
    return user


def leaving_user(username: str, password: str) -> User | None:
    """Who of those leaving has this name and password."""
    user = User.objects.leaving().filter(username=username).first()
    return user if user and check_password(password, user.password) else None


def keep_audit_log_of(user: User) -> None:
    """Let an account that nobody can log in to stand for `user` in the audit log, before they are deleted."""
    entries = LogEntry.objects.filter(user=user)
    if entries.exists():
        stand_in, _created = User.objects.get_or_create(
            username=DELETED_OPERATOR, defaults={"password": make_password(None), "is_active": False}
        )
        entries.update(user=stand_in)


def purge_accounts() -> int:
    """Delete for good whoever asked for it before the grace period, with all their data; how many."""
    due = User.objects.past_grace_period()
    return sum(_purge(pk) for pk in list(due.values_list("pk", flat=True)))


def _purge(user_id: int) -> bool:
    """Whether the user was deleted; not if they came back a moment ago."""
    with transaction.atomic():
        user = User.objects.past_grace_period().select_for_update().filter(pk=user_id).first()
        if user is not None:
            user.delete()
    return user is not None
