"""rebuild_index: build a version's vectors anew beside the live ones, verify them, then go live."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from catalog.management.logged import LoggedCommand
from recommendations import promotion
from recommendations.management.terminal import Progress, find_version, one_line_errors
from recommendations.models import ModelVersion


class Command(LoggedCommand):
    help = "Build the vector index beside the live one, verify it, and only then make it live."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--model-version",
            type=int,
            metavar="N",
            help="the version to build; without it the live one, or if none is live the one promoted last",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors(), Progress("movies indexed") as progress:
            version = self._version(options["model_version"])
            collection = promotion.rebuild(version, report=progress)
        self.stdout.write(f"{version} is live in {collection.name}")

    def _version(self, number: int | None) -> ModelVersion:
        if number is not None:
            return find_version(number)
        version = promotion.version_to_rebuild()
        if version is None:
            raise CommandError("there is no model version yet; train one with train_model")
        return version
