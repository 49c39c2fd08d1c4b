"""forget_deleted_people: take the embeddings of deleted people out of the stored models now."""

from typing import Any

from catalog.management.logged import LoggedCommand
from recommendations.forgetting import forget_deleted_people
from recommendations.management.terminal import one_line_errors


class Command(LoggedCommand):
    help = "Take the embeddings of deleted people out of stored models and checkpoints; beat does it hourly."

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            forgotten = forget_deleted_people()
        self.stdout.write(f"{forgotten} embeddings of deleted people forgotten")
