"""Holds a freshly built collection against the catalogue and against exact search."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Max

from catalog.models import Movie, Rating, User
from recommendations import vector_index
from recommendations.batching import batches
from recommendations.index_rows import CHUNK_MOVIES
from recommendations.interactions import user_input
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import (
    DIMENSION,
    Candidate,
    Collection,
    IndexRow,
    Vector,
    VectorIndexInvalid,
)

QUERIES = 20
DEPTH = 100
SPARE_DEPTH = 100  # kept beyond that, since some of the best may change during a build
RECALL_NEEDED = 0.95  # HNSW on a server finds more than 0.99; less than this is a broken index


@dataclass(frozen=True)
class Verification:
    movies: int
    recall: float  # of the exact top 100, mean over the sample queries


class ExactSearch:
    """The exact top scores of sample queries, gathered from rows on their way into a collection."""

    def __init__(self, queries: np.ndarray) -> None:
        """`queries` is [queries, 256]."""
        self.queries = queries
        self.scores = np.full((len(queries), 0), -np.inf, np.float32)
        self.movie_ids = np.zeros((len(queries), 0), np.int64)

    def watch(self, rows: Iterable[IndexRow]) -> Iterator[IndexRow]:
        """Pass `rows` on, keeping for each query the best scores so far, and whose they are."""
        for chunk in batches(rows, CHUNK_MOVIES):
            scores = self.queries @ np.stack([row.vector for row in chunk]).T
            ids = np.broadcast_to([row.movie_id for row in chunk], scores.shape)
            merged = np.concatenate([self.scores, scores], axis=1)
            best = np.argsort(-merged, axis=1)[:, : DEPTH + SPARE_DEPTH]
            self.scores = np.take_along_axis(merged, best, axis=1)
            self.movie_ids = np.take_along_axis(np.concatenate([self.movie_ids, ids], axis=1), best, axis=1)
            yield from chunk

    def recall(self, collection: Collection, changed: Sequence[int] = ()) -> float:
        """Share of the exact top DEPTH that the collection's search finds; equal scores count as found.

        Movies that `changed` since they were watched are left out of both. All queries are one request: each
        that sees the latest writes waits for Milvus' clock.
        """
        as_watched = ~np.isin(self.movie_ids, changed)
        exact = [scores[kept][:DEPTH] for scores, kept in zip(self.scores, as_watched, strict=True)]
        asked = [place for place, scores in enumerate(exact) if len(scores)]
        if not asked:
            return 1.0
        other = set(changed)
        limit = DEPTH + min(len(other), SPARE_DEPTH)
        answers = vector_index.search_many(collection, self.queries[asked], limit=limit, fresh=True)
        others = [[hit for hit in hits if hit.movie_id not in other][:DEPTH] for hits in answers]
        return float(np.mean([_found(hits, exact[at]) for at, hits in zip(asked, others, strict=True)]))


def _found(hits: list[Candidate], scores: Vector) -> float:
    """The share of the exact `scores` that so many hits reach as there should be: the lowest or more."""
    threshold = scores[-1] - 1e-4 * max(1.0, abs(float(scores[-1])))
    return min(sum(hit.score >= threshold for hit in hits) / len(scores), 1.0)


def sample_queries(model: ServingModel) -> np.ndarray:
    """Vectors [up to QUERIES, 256] of users drawn with a fixed seed, each as likely as it has ratings."""
    last = Rating.objects.aggregate(last=Max("pk"))["last"] or 0
    picks = np.random.default_rng(0).integers(1, max(last, 1), size=QUERIES, endpoint=True)
    # without a join: MySQL may read it from the users on, and sort all of their ratings for the one
    raters = Rating.objects.order_by("pk").values_list("user", flat=True)
    drawn = [user_id for pick in picks if (user_id := raters.filter(pk__gte=pick).first())]
    users = User.objects.in_bulk(drawn)
    vectors = [model.user_vector(user_input(users[user_id])) for user_id in drawn if user_id in users]
    return np.stack(vectors) if vectors else np.zeros((0, DIMENSION), np.float32)


def verify(collection: Collection, exact: ExactSearch, *, changed: Sequence[int] = ()) -> Verification:
    """Raises VectorIndexInvalid if `collection` lacks movies, has too many or does not find them.

    Movies that `changed` since `exact` watched them are counted, and not looked for.
    """
    expected, found = Movie.objects.visible().count(), vector_index.count(collection)
    if expected != found:
        raise VectorIndexInvalid(f"{collection.name} holds {found} movies, the catalogue shows {expected}")
    recall = exact.recall(collection, changed)
    if recall < RECALL_NEEDED:
        raise VectorIndexInvalid(f"{collection.name} finds only {recall:.3f} of the exact top {DEPTH}")
    return Verification(found, recall)
