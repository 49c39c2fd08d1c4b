"""Deletes for good the accounts whose owners asked for it before the grace period."""

from typing import Any

from catalog.leaving import purge_accounts
from catalog.management.logged import LoggedCommand


class Command(LoggedCommand):
    help = "Delete for good the accounts whose deletion was requested before the grace period."

    def handle(self, *args: Any, **options: Any) -> None:
        purged = purge_accounts()
        self.stdout.write(f"{purged} account{'' if purged == 1 else 's'} deleted for good")
