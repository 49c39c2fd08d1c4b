"""check_index: list, and on request mend, what differs between the catalogue and the vector index."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from catalog.management.logged import LoggedCommand
from recommendations.index_sync import Drift, find_drift, pending_changes, repair_drift
from recommendations.live_model import live_model
from recommendations.management.terminal import one_line_errors

LISTED = 20


class Command(LoggedCommand):
    help = "Compare the catalogue with the vector index; exit status 1 if they differ and are not mended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what differs")

    def changes_something(self, options: dict[str, Any]) -> bool:
        return options["repair"]

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            drift = repair_drift() if options["repair"] else find_drift(live_model())
        self._list(drift)
        if drift and not options["repair"]:
            raise CommandError(f"{len(drift.movie_ids)} movies differ; check_index --repair mends them")
        self.stdout.write("mended" if drift else "catalogue and index agree")

    def _list(self, drift: Drift) -> None:
        for name in ("missing", "surplus", "stale"):
            movie_ids = getattr(drift, name)
            if movie_ids:
                more = f" and {len(movie_ids) - LISTED} more" if len(movie_ids) > LISTED else ""
                self.stdout.write(f"{name}: {', '.join(map(str, movie_ids[:LISTED]))}{more}")
        if pending := pending_changes():
            self.stdout.write(f"changes the worker has not passed on yet: {pending}")
