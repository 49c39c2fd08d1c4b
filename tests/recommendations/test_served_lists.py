"""Served lists are stored in batches on a web server, and none is lost."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, DataError, InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from catalog.models import User
from recommendations import served_lists
from recommendations.feedback import note_from_site
from recommendations.models import ServedList
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A writer that gathers for so long that nothing is stored unless somebody asks for it."""
    monkeypatch.setattr(served_lists, "GATHER_SECONDS", 60.0)
    monkeypatch.setattr(served_lists, "PATIENCE_SECONDS", 0.0)
    served_lists.start_writer()
    yield
    served_lists.stop_writer()


def list_of(user: User) -> ServedList:
    return ServedList(user=user, source="personal", movie_ids=[1])


def test_without_a_writer_a_list_is_stored_at_once() -> None:
    served_lists.store(list_of(UserFactory()))
    assert ServedList.objects.count() == 1


def test_a_list_that_waits_is_found_by_its_reader(writer: None) -> None:
    served = list_of(UserFactory())
    served_lists.store(served)
    assert ServedList.objects.count() == 0
    assert served_lists.find(served.pk, served.user) == served


def test_a_list_that_another_process_stores_a_moment_later_is_waited_for(
    writer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_lists, "PATIENCE_SECONDS", 5.0)
    served = list_of(UserFactory())
    with patch("time.sleep", autospec=True, side_effect=lambda _: served.save(force_insert=True)):
        assert served_lists.find(served.pk, served.user) == served


def test_few_threads_wait_for_other_processes_and_the_others_answer_at_once(
    writer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_lists, "PATIENCE_SECONDS", 60.0)
    served = list_of(UserFactory())
    answers: list[ServedList | None] = []

    def another_asks(_seconds: float) -> None:
        answers.append(served_lists.find(served.pk, served.user))
        ServedList.objects.bulk_create([served], ignore_conflicts=True)

    with patch("time.sleep", autospec=True, side_effect=another_asks):
        for _time in range(2):
            answers.append(served_lists.find(served.pk, served.user))
            ServedList.objects.all().delete()
    assert answers == [None, served, served] * 2  # a third one is not waited for


def test_a_click_on_a_list_that_waits_counts_and_one_on_a_list_that_is_gone_waits_for_nothing(
    writer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_lists, "PATIENCE_SECONDS", 60.0)
    served = list_of(UserFactory())
    served_lists.store(served)
    with patch("time.sleep", autospec=True) as sleep:
        for list_id in (served.pk, uuid.uuid4()):
            note_from_site(served.user, list_id, 1, "clicked")
    sleep.assert_not_called()
    assert served.feedback.count() == 1


def test_the_list_of_somebody_else_is_not_found(writer: None) -> None:
    served = list_of(UserFactory())
    served_lists.store(served)
    assert served_lists.find(served.pk, UserFactory()) is None
    assert served_lists.find(uuid.uuid4(), served.user) is None


def test_what_waits_is_stored_when_the_process_ends(writer: None) -> None:
    for _ in range(3):
        served_lists.store(list_of(UserFactory()))
    served_lists.stop_writer()
    assert ServedList.objects.count() == 3


def test_the_list_of_an_account_that_is_gone_holds_up_no_other(writer: None) -> None:
    gone, stays = list_of(UserFactory()), list_of(UserFactory())
    for served in (gone, stays):
        served_lists.store(served)
    User.objects.filter(pk=gone.user_id).delete()
    served_lists.write_waiting()
    assert ServedList.objects.get() == stays


def refuse(bad: ServedList, error: DatabaseError) -> Any:
    """`bulk_create` raises `error` for each statement that has the list `bad`."""
    insert = ServedList.objects.bulk_create

    def bulk_create(lists: Sequence[ServedList], **options: Any) -> list[ServedList]:
        if bad in lists:
            raise error
        return insert(lists, **options)

    return patch.object(ServedList.objects, "bulk_create", autospec=True, side_effect=bulk_create)


@pytest.mark.parametrize("error", [DataError("too long"), OperationalError(3140, "Invalid JSON text")])
def test_a_list_that_cannot_be_stored_is_dropped_and_holds_up_no_other(
    writer: None, error: DatabaseError, caplog: pytest.LogCaptureFixture
) -> None:
    first, bad, last = (list_of(UserFactory()) for _ in range(3))
    for served in (first, bad, last):
        served_lists.store(served)
    with refuse(bad, error):
        served_lists.write_waiting()
    assert set(ServedList.objects.all()) == {first, last}
    served_lists.write_waiting()
    assert ServedList.objects.count() == 2
    assert f"served list {bad.pk} cannot be stored" in caplog.text


@pytest.mark.parametrize("error", [OperationalError(2006, "gone away"), InterfaceError(0, "")])
def test_no_list_is_dropped_for_a_connection_that_is_lost(writer: None, error: DatabaseError) -> None:
    lists = [list_of(UserFactory()) for _ in range(3)]
    for served in lists:
        served_lists.store(served)
    with refuse(lists[1], error) as insert:
        served_lists.write_waiting()
    insert.assert_called_once()  # not again for each list
    served_lists.write_waiting()
    assert set(ServedList.objects.all()) == set(lists)


def test_what_gathered_in_an_outage_is_stored_by_statements_of_a_bounded_size(
    writer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_lists, "BATCH", 2)
    user = UserFactory()
    for _ in range(5):
        served_lists.store(list_of(user))
    with CaptureQueriesContext(connection) as queries:
        served_lists.write_waiting()
    assert sum(query["sql"].startswith("INSERT") for query in queries) == 3
    assert ServedList.objects.count() == 5


def test_in_a_long_outage_the_oldest_lists_are_given_up(
    writer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_lists, "MOST_WAITING", 2)
    user = UserFactory()
    oldest, *others = [list_of(user) for _ in range(3)]
    served_lists.store(oldest)

    def others_come_meanwhile(batch: Sequence[ServedList]) -> None:
        for served in others:
            served_lists.store(served)
        raise OperationalError

    with patch("recommendations.served_lists._insert", side_effect=others_come_meanwhile, autospec=True):
        served_lists.write_waiting()
    served_lists.write_waiting()
    assert set(ServedList.objects.all()) == set(others)


def test_what_the_database_did_not_take_is_stored_later(writer: None) -> None:
    served_lists.store(list_of(UserFactory()))
    with patch("recommendations.served_lists._insert", side_effect=OperationalError, autospec=True):
        served_lists.write_waiting()
    served_lists.write_waiting()
    assert ServedList.objects.count() == 1


def test_the_writer_stores_what_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_lists, "GATHER_SECONDS", 0.01)
    served = list_of(UserFactory())
    served_lists.start_writer()
    try:
        served_lists.store(served)
        assert served_lists.find(served.pk, served.user) == served
    finally:
        served_lists.stop_writer()
