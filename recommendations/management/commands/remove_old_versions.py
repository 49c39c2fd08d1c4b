"""remove_old_versions: remove the model versions that nobody needs, with their files and index."""

from argparse import ArgumentParser
from typing import Any

from catalog.management.logged import LoggedCommand
from recommendations.management.terminal import one_line_errors
from recommendations.retention import remove_old_versions


class Command(LoggedCommand):
    help = (
        "Remove model versions, but the newest MODEL_VERSIONS_KEPT, the live one, the one to roll back to"
        " and protected ones."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only name them")

    def changes_something(self, options: dict[str, Any]) -> bool:
        return not options["dry_run"]

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            versions = remove_old_versions(dry_run=options["dry_run"])
        done = "would be removed" if options["dry_run"] else "is removed"
        for version in versions:
            self.stdout.write(f"{version} {done}")
        if not versions:
            self.stdout.write("nothing to remove")
