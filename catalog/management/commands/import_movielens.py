"""manage.py import_movielens: a MovieLens folder or zip into the catalogue."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from catalog.management.logged import LoggedCommand
from catalog.movielens.errors import ImportRejected
from catalog.movielens.importer import import_data_set
from catalog.movielens.progress import Bar, Lines, Progress
from catalog.movielens.report import FileReport, ImportReport


class Command(LoggedCommand):
    help = (
        "Imports a MovieLens data set (100K, 1M, 10M, 20M, 25M, 32M, latest, or RecBole atomic files). "
        "Every file is imported whole or not at all; importing again updates."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="folder or zip; the files may be in one folder inside")
        parser.add_argument(
            "--skip-bad-rows",
            action="store_true",
            help="leave out rows that cannot be imported and list them, instead of stopping at the first",
        )
        parser.add_argument(
            "--trust-numbers",
            action="store_true",
            help="do not check that movie and user numbers mean the movies and people already imported",
        )

    def handle(self, *, path: Path, skip_bad_rows: bool, trust_numbers: bool, **options: Any) -> None:
        try:
            report = import_data_set(
                path,
                skip_bad_rows=skip_bad_rows,
                trust_numbers=trust_numbers,
                progress=self.progress(),
                on_file=self.tell_of_file,
            )
        except ImportRejected as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stderr.write("Stopped. The files reported above are imported, of the others nothing.")
            sys.exit(130)
        self.tell_of_all(report)

    def progress(self) -> Progress:
        return Bar() if self.stdout.isatty() else Lines(self.say)

    def say(self, line: str) -> None:
        """At once also where the output is piped, so that a log tells how far an import is."""
        self.stdout.write(line)
        self.stdout.flush()

    def tell_of_file(self, file: FileReport) -> None:
        self.say(str(file))
        for row in file.skipped_rows:
            self.stderr.write(f"skipped: {row}")
        if more := file.skipped - len(file.skipped_rows):
            self.stderr.write(f"skipped: {more:,} more rows of {file.file}")

    def tell_of_all(self, report: ImportReport) -> None:
        ratings = report.counts("ratings").total
        users = report.counts("users").total
        movies = report.counts("movies").total
        self.stdout.write(
            self.style.SUCCESS(
                f"{report.format}: {movies:,} movies, {users:,} users, {ratings:,} ratings imported"
                f" in {report.seconds:.1f} s"
                + (f", {report.skipped:,} rows skipped" if report.skipped else "")
            )
        )
