"""The lists of all users, computed ahead into a folder: for newsletters and other use offline.

Users are split into shards by ID. A shard's file appears when it is complete, so that a computation that was
cut short goes on with the shards that are missing, and any number of workers can share the work.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Max

from catalog.models import User
from recommendations.serving import ListRequest, RecommendationList, recommend

SHARD_USERS = 1_000  # IDs, of which some may be nobody's


class PrecomputingInterrupted(Exception):
    """The recommender could not answer for a user; the shard was not written."""


class Shard(NamedTuple):
    """The users with IDs from `first` to `last`, both included."""

    first: int
    last: int

    def file_in(self, folder: Path) -> Path:
        return folder / f"lists-{self.first:012}-{self.last:012}.jsonl"


def missing_shards(folder: Path, *, size: int = SHARD_USERS) -> Iterator[Shard]:
    """The shards whose files are not in `folder`."""
    last = User.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(1, last + 1, size):
        shard = Shard(first, first + size - 1)
        if not shard.file_in(folder).exists():
            yield shard


def compute_shard(shard: Shard, folder: Path, *, limit: int) -> int:
    """Write the lists of the shard's active users, a line of JSON each; how many they are.

    Raises PrecomputingInterrupted rather than write what is popular in place of a personal list.
    """
    users = User.objects.filter(is_active=True, pk__range=shard).order_by("pk")
    target = shard.file_in(folder)
    partial = target.with_suffix(f".{os.getpid()}.part")
    written = 0
    try:
        with partial.open("w") as file:
            for user in users.iterator():
                answer = recommend(user, ListRequest(limit=limit), store=False, explained=False)
                if answer.notice:
                    raise PrecomputingInterrupted(f"user {user.pk}: the recommender does not answer")
                file.write(json.dumps(_line(user, answer)) + "\n")
                written += 1
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return written


def _line(user: User, answer: RecommendationList) -> dict[str, Any]:
    return {
        "user_id": user.pk,
        "source": str(answer.source),
        "model_version": answer.model_version,
        "movies": [
            {"id": one.movie.id, "score": round(one.score, 4), "predicted_rating": one.predicted_rating}
            for one in answer.results
        ],
    }
