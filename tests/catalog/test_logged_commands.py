"""Commands that change something are kept with who ran them, how and to what end."""

from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from catalog.management.logged import operating_account
from catalog.models import CommandRun
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_run_is_kept_with_its_options_and_the_account(tmp_path: Path) -> None:
    with (
        patch("catalog.management.logged.getpass.getuser", return_value="night-watch"),
        pytest.raises(CommandError),
    ):
        call_command("import_movielens", str(tmp_path / "nowhere"), skip_bad_rows=True)
    run = CommandRun.objects.get()
    assert (run.command, run.account) == ("import_movielens", "night-watch")
    assert run.options == {"path": str(tmp_path / "nowhere"), "skip_bad_rows": True}
    assert "nowhere" in run.failure
    assert run.began_at <= run.ended_at


def test_a_run_that_went_well_has_no_failure() -> None:
    call_command("purge_accounts")
    assert [(run.command, run.options, run.failure) for run in CommandRun.objects.all()] == [
        ("purge_accounts", {}, "")
    ]


def test_a_run_that_is_broken_off_is_kept_too() -> None:
    with (
        patch("catalog.management.commands.purge_accounts.purge_accounts", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        call_command("purge_accounts")
    assert CommandRun.objects.get().failure == "did not come to its end"


@pytest.mark.parametrize(
    ("command", "options", "kept"),
    [
        ("remove_old_versions", {"dry_run": True}, 0),
        ("remove_old_versions", {}, 1),
        ("generate_synthetic", {"users": 0, "out": Path("/nowhere")}, 0),
        ("generate_synthetic", {"users": 0}, 1),
    ],
)
def test_runs_that_change_nothing_are_not_kept(command: str, options: dict, kept: int) -> None:
    with suppress(CommandError):  # there is no index, and of nobody nothing can be made up
        call_command(command, **options)
    assert CommandRun.objects.count() == kept


def test_a_log_that_cannot_be_written_does_not_stop_the_command(caplog: pytest.LogCaptureFixture) -> None:
    with patch.object(CommandRun.objects, "create", side_effect=DatabaseError("away")):
        call_command("purge_accounts")
    assert "not in the log of commands: away" in caplog.text


@pytest.mark.parametrize("fault", [KeyError("uid 1234"), OSError("no login")])
def test_an_account_without_a_name_is_empty(fault: Exception) -> None:
    with patch("catalog.management.logged.getpass.getuser", side_effect=fault):
        assert operating_account() == ""


def test_operators_read_the_log_in_the_panel_and_nobody_changes_it(
    client: Client, settings: Settings
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    call_command("purge_accounts")
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = client.get("/admin/catalog/commandrun/").content.decode()
    assert "purge_accounts" in page
    run = CommandRun.objects.get()
    assert client.post(f"/admin/catalog/commandrun/{run.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/catalog/commandrun/add/").status_code == 403
