"""Deletes for good the accounts whose owners asked for it before the grace period."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.leaving import purge_accounts


class Command(BaseCommand):
    help = "Delete for good the accounts whose deletion was requested before the grace period."

    def handle(self, *args: Any, **options: Any) -> None:
        purged = purge_accounts()
        self.stdout.write(f"{purged} account{'' if purged == 1 else 's'} deleted for good")
