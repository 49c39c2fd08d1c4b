"""demo_state: how far the installation is, in three words that `make demo` reads."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Rating
from recommendations import vector_index
from recommendations.live_model import NoActiveModel, live_model
from recommendations.management.terminal import one_line_errors
from recommendations.models import ModelVersion
from recommendations.vector_index import VectorIndexUnavailable

START_SECONDS = 60.0  # Milvus may just have been started


class Command(BaseCommand):
    help = "Print the number of ratings, the newest and the live model version; 'none' where there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        ratings, newest = Rating.objects.count(), ModelVersion.objects.first()
        with one_line_errors():
            _await_milvus()
            live = _live_number()
        self.stdout.write(f"{ratings} {newest.number if newest else 'none'} {live}")


def _await_milvus() -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            vector_index.ping()
        except VectorIndexUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _live_number() -> int | str:
    try:
        return live_model().version
    except NoActiveModel:
        return "none"
