"""manage.py generate_synthetic: made-up users, movies and ratings, into the catalogue or into a folder."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from catalog.management.logged import LoggedCommand
from catalog.synthetic.world import SizeImpossible, SyntheticData
from catalog.synthetic.writing import TargetNotEmpty, store, write_folder

LINE_EVERY = 5.0  # seconds


class Command(LoggedCommand):
    help = (
        "Makes up users, movies and ratings with the long tails of real ones; the same options give the same "
        "data. Writes them into the empty catalogue, or with --out as a folder in MovieLens' format."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=int, default=1_000, metavar="N")
        parser.add_argument("--movies", type=int, default=2_000, metavar="N")
        parser.add_argument("--ratings", type=int, default=100_000, metavar="N")
        parser.add_argument("--seed", type=int, default=0, metavar="N")
        parser.add_argument("--out", type=Path, metavar="FOLDER", help="write this folder, not the catalogue")

    def changes_something(self, options: dict[str, Any]) -> bool:
        return options["out"] is None

    def handle(
        self, *, users: int, movies: int, ratings: int, seed: int, out: Path | None, **options: Any
    ) -> None:
        began = self._line_at = time.monotonic()
        try:
            data = SyntheticData(users, movies, ratings, seed)
            if out is None:
                store(data, self._report)
            else:
                write_folder(data, out, self._report)
        except (SizeImpossible, TargetNotEmpty, OSError) as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - began
        made = f"{movies:,} movies, {users:,} users, {ratings:,} ratings, seed {seed}"
        self.stdout.write(self.style.SUCCESS(f"{made}: {out or 'in the catalogue'} ({seconds:.1f} s)"))

    def _report(self, done: int, total: int) -> None:
        if time.monotonic() - self._line_at >= LINE_EVERY:
            self._line_at = time.monotonic()
            self.stdout.write(f"{done:,} of {total:,} ratings")
            self.stdout.flush()
