"""manage.py fetch_movielens: the path of a MovieLens data set, downloaded if need be."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.movielens.download import LICENCE, DownloadFailed, obtain_data_set
from catalog.movielens.errors import ImportRejected


class Command(BaseCommand):
    help = (
        "Prints the path of a MovieLens data set on standard output, and nothing else there: "
        "the one that MOVIELENS names, or MovieLens 100K, downloaded once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--into",
            type=Path,
            default=settings.VAR_DIR / "data",
            help="folder for what is downloaded (default: data in the folder of the installation)",
        )

    def handle(self, *, into: Path, **options: Any) -> None:
        try:
            path = obtain_data_set(os.environ.get("MOVIELENS", ""), into, self.tell)
        except (DownloadFailed, ImportRejected, OSError) as error:
            raise CommandError(str(error)) from error
        self.tell(LICENCE)
        self.stdout.write(str(path))

    def tell(self, message: str) -> None:
        self.stderr.write(message, self.style.NOTICE)
