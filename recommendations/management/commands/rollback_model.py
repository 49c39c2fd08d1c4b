"""rollback_model: go back to the version that was live before."""

from typing import Any

from catalog.management.logged import LoggedCommand
from recommendations import promotion
from recommendations.management.terminal import one_line_errors


class Command(LoggedCommand):
    help = "Make the model version live that was live before the present one."

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            version = promotion.roll_back()
        self.stdout.write(f"{version} is live again")
