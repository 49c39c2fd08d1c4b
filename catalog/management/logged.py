"""Management commands that change something leave a row of who ran them, when, how and to what end."""

import getpass
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from catalog.models import CommandRun

logger = logging.getLogger(__name__)

# options that every command has, or that code gives it
EVERYWHERE = frozenset(
    (
        *("verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"),
        *("stdout", "stderr"),
    )
)


class LoggedCommand(BaseCommand):
    def changes_something(self, options: dict[str, Any]) -> bool:
        """Whether a run with these options is kept."""
        return True

    def execute(self, *args: Any, **options: Any) -> str | None:
        began, failure = timezone.now(), "did not come to its end"
        try:
            printed = super().execute(*args, **options)
            failure = ""
            return printed
        except CommandError as error:
            failure = str(error)
            raise
        finally:
            if self.changes_something(options):
                self._keep(began, options, failure)

    def _keep(self, began: datetime, options: dict[str, Any], failure: str) -> None:
        given = {name: value for name, value in options.items() if value and name not in EVERYWHERE}
        try:
            CommandRun.objects.create(
                command=self.__module__.rpartition(".")[2],
                options={name: _plain(value) for name, value in given.items()},
                account=operating_account(),
                began_at=began,
                ended_at=timezone.now(),
                failure=failure,
            )
        except (DatabaseError, InterfaceError) as error:
            logger.warning("not in the log of commands: %s", error)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def operating_account() -> str:
    """The name of the operating system's account; empty in a container that has none for its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
