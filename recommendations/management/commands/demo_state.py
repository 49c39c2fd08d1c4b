"""demo_state: how far the installation is, in three words that `make demo` reads."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Rating
from recommendations.live_model import NoActiveModel, live_model
from recommendations.management.terminal import one_line_errors
from recommendations.models import ModelVersion


class Command(BaseCommand):
    help = (
        "Print the number of ratings, the newest model version and the live one; 'none' where there is none."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        newest = ModelVersion.objects.first()
        ratings = Rating.objects.count()
        self.stdout.write(f"{ratings} {newest.number if newest else 'none'} {_live()}")


def _live() -> int | str:
    with one_line_errors():
        try:
            return live_model().version
        except NoActiveModel:
            return "none"
