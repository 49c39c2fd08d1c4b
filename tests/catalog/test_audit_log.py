"""The audit log outlives the accounts of those who are in it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from catalog.leaving import DELETED_OPERATOR, purge_accounts, request_deletion
from catalog.models import User
from tests.factories import MovieFactory, UserFactory

pytestmark = pytest.mark.django_db


def operator_who_withdrew_a_movie() -> User:
    operator: User = UserFactory(is_staff=True)
    LogEntry.objects.log_actions(operator.pk, [MovieFactory()], CHANGE, "withdrawn")
    return operator


def test_what_operators_did_stays_in_the_log_when_they_are_deleted_for_good() -> None:
    gone, other = operator_who_withdrew_a_movie(), operator_who_withdrew_a_movie()
    request_deletion(gone)
    User.objects.filter(pk=gone.pk).update(deletion_requested_at=timezone.now() - timedelta(days=100))
    purge_accounts()
    entries = LogEntry.objects.order_by("pk").values_list("user__username", "change_message")
    assert list(entries) == [(DELETED_OPERATOR, "withdrawn"), (other.username, "withdrawn")]


def test_several_deleted_together_share_an_account_that_nobody_can_log_in_to() -> None:
    people = [operator_who_withdrew_a_movie().pk for _number in range(2)]
    User.objects.filter(pk__in=people).delete()
    account = User.objects.get()
    assert set(LogEntry.objects.values_list("user_id", flat=True)) == {account.pk}
    assert not account.is_active
    assert not account.has_usable_password()


def test_who_is_not_in_the_log_leaves_no_account_behind() -> None:
    UserFactory().delete()
    assert not User.objects.exists()
