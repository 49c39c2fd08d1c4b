"""What a comparison of the index found, movie by movie."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from catalog.models import Movie
from recommendations.models import IndexJob

SHOWN = 200  # movies of each kind
LABELS: dict[str, Any] = {
    "missing": gettext_lazy("in the catalogue only"),
    "surplus": gettext_lazy("in the index only"),
    "stale": gettext_lazy("different in both"),
}


@dataclass(frozen=True)
class Finding:
    label: Any
    count: int
    movies: list[tuple[int, str]]  # ID and title; no title for one that is gone


def findings_of(job: IndexJob) -> list[Finding]:
    """By kind; one query for all titles."""
    shown = {kind: part["movie_ids"][:SHOWN] for kind, part in job.findings.items()}
    movies = Movie.objects.in_bulk({pk for pks in shown.values() for pk in pks})
    return [
        Finding(
            LABELS[kind], job.findings[kind]["count"], [(pk, str(movies.get(pk, ""))) for pk in shown[kind]]
        )
        for kind in LABELS
        if kind in shown
    ]
