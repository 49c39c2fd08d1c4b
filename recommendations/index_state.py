"""How the vector index stands against the catalogue, in numbers that are quick to get."""

from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone

from catalog.models import Movie, MovieChange
from recommendations import vector_index


@dataclass(frozen=True)
class IndexState:
    collection: str | None
    model_version: int | None
    rows: int
    movies: int  # that the index should hold
    pending_changes: int
    lag_seconds: float  # the age of the oldest pending change
    collections: list[str]


def index_state() -> IndexState:
    """Raises VectorIndexUnavailable, VectorIndexInvalid."""
    live = vector_index.live_collection()
    pending = MovieChange.objects.pending().aggregate(number=Count("pk"), oldest=Min("created_at"))
    return IndexState(
        collection=live.name if live else None,
        model_version=live.version if live else None,
        rows=vector_index.count(live, fresh=False) if live else 0,
        movies=Movie.objects.visible().count(),
        pending_changes=pending["number"],
        lag_seconds=(timezone.now() - pending["oldest"]).total_seconds() if pending["oldest"] else 0.0,
        collections=[collection.name for collection in vector_index.collections()],
    )
