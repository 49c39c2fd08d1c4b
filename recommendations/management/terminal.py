"""What the long commands share: progress for people and for log files, one-line errors."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self, TextIO

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError
from tqdm import tqdm

from recommendations.evaluation import NothingToEvaluate
from recommendations.leases import LeaseTaken
from recommendations.live_model import NoActiveModel
from recommendations.models import ModelVersion
from recommendations.promotion import PromotionRefused
from recommendations.training import TrainingFailed
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

FAULTS = (
    LeaseTaken,
    NoActiveModel,
    NothingToEvaluate,
    PromotionRefused,
    TrainingFailed,
    VectorIndexInvalid,
    VectorIndexUnavailable,
)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn the named faults of the recommender into one line on standard error and exit status 1."""
    try:
        yield
    except FAULTS as error:
        raise CommandError(str(error)) from error
    except (OperationalError, InterfaceError) as error:
        raise CommandError(f"the database does not answer: {error}") from error


class Progress:
    """A bar on a terminal; elsewhere a plain line at every tenth."""

    def __init__(self, label: str, stream: TextIO = sys.stderr) -> None:
        self.label = label
        self.stream = stream
        self.bar: Any = None
        self.tenths = 0

    def __call__(self, done: int, total: int, note: str = "") -> None:
        if self.stream.isatty():
            self._draw(done, total, note)
        elif total and done * 10 // total > self.tenths:
            self.tenths = done * 10 // total
            print(f"{self.label}: {done:,} of {total:,} {note}".rstrip(), file=self.stream, flush=True)

    def _draw(self, done: int, total: int, note: str) -> None:
        if self.bar is None:
            self.bar = tqdm(total=total, desc=self.label, file=self.stream, dynamic_ncols=True)
        self.bar.total = total
        self.bar.set_postfix_str(note, refresh=False)
        self.bar.update(done - self.bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.close()


def find_version(number: int) -> ModelVersion:
    """The version of that number. Raises CommandError if there is none."""
    version = ModelVersion.objects.filter(number=number).first()
    if version is None:
        numbers = ", ".join(map(str, ModelVersion.objects.values_list("number", flat=True))) or "none"
        raise CommandError(f"there is no model version {number}; there are: {numbers}")
    return version
