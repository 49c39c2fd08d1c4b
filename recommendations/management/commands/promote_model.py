"""promote_model: make a model version live, through the gate."""

from argparse import ArgumentParser
from typing import Any

from catalog.management.logged import LoggedCommand, operating_account
from recommendations import promotion
from recommendations.management.terminal import Progress, find_version, one_line_errors


class Command(LoggedCommand):
    help = "Make model version N live: the gate, a verified index, then the alias."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, metavar="N")
        parser.add_argument("--force", action="store_true", help="overrule the gate; this is recorded")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, recorded beside it")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors(), Progress("movies indexed") as progress:
            version = find_version(options["number"])
            collection = promotion.promote(
                version,
                force=options["force"],
                overruled_by=operating_account(),
                overrule_reason=options["reason"],
                report=progress,
            )
        self.stdout.write(f"{version} is live in {collection.name}")
