"""Retrieval for a list: candidates from Milvus without what must not be shown, and their vectors."""

from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from recommendations import vector_index
from recommendations.batching import batches
from recommendations.live_model import LiveModel
from recommendations.tracing import note_search
from recommendations.two_tower.data import UserInput
from recommendations.vector_index import NO_CONDITIONS, Candidate, Conditions

STARS_POOL = 500  # candidates whose stars are predicted at first when a list asks for a minimum
MOST_IDS = 1_000  # movies that Milvus is asked for by their IDs at once
MOST_ROUNDS = 20  # of such searches for a list
SEEN_AT_FIRST = 200  # of what was seen, how much a first search makes up for
DEEPER = 1.5  # times what the share of movies that may be shown suggests
SPARE = 10  # candidates fetched beyond need, since some may have been withdrawn a moment ago


def find_fitting_candidates(
    live: LiveModel,
    vector: NDArray[np.float32],
    person: UserInput,
    wanted: int,
    *,
    least: float | None,
    enough: int,
    left_out: set[int],
    conditions: Conditions,
) -> list[Candidate]:
    """As `find_candidates`, with predicted stars of `least` or more, of which Milvus does not know.

    Where fewer than `enough` of the best STARS_POOL have them, the others that do are asked for by their IDs,
    MOST_IDS at a time, until enough of them satisfy `conditions`.
    """
    if least is None:
        return find_candidates(live, vector, wanted, left_out=left_out, conditions=conditions)
    pool = max(wanted, STARS_POOL)
    found = find_candidates(live, vector, pool, left_out=left_out, conditions=conditions)
    ids = np.array([candidate.movie_id for candidate in found], dtype=np.int64)
    stars = live.model.predict_stars(person, ids, movie_vectors(live, found))
    fitting = [candidate for candidate, given in zip(found, stars, strict=True) if given >= least]
    if len(fitting) >= enough + SPARE or len(found) < pool:
        return fitting
    weighed = left_out | set(ids.tolist())
    others = [pk for pk in live.model.movies_with_stars(person, least).tolist() if pk not in weighed]
    more: list[Candidate] = []
    for chunk in islice(batches(others, MOST_IDS), MOST_ROUNDS):
        among = replace(conditions, movie_ids=tuple(chunk))
        more += vector_index.search(live.collection, vector, limit=wanted, conditions=among)
        if len(fitting) + len(more) >= enough + SPARE:
            break
    return fitting + sorted(more, key=lambda candidate: -candidate.score)


def find_candidates(
    live: LiveModel,
    vector: NDArray[np.float32],
    wanted: int,
    *,
    left_out: set[int],
    conditions: Conditions = NO_CONDITIONS,
) -> list[Candidate]:
    """At least `wanted` candidates that are not left out, if the index has them, best first.

    What is left out is dropped here rather than by Milvus, which is slow with long lists of IDs; so as
    many more are asked for. Of long lists only a part at first: most of what a user saw ranks low. Where that
    is too little, the next search is as deep as the share of unseen movies so far suggests.
    """
    most = min(wanted + SPARE + len(left_out), vector_index.MAX_ROWS)
    limit = first_limit(wanted, left_out)
    while True:
        found = vector_index.search(live.collection, vector, limit=limit, conditions=conditions)
        note_search(limit, found)
        kept = [candidate for candidate in found if candidate.movie_id not in left_out]
        if len(kept) >= wanted + SPARE or len(found) < limit or limit == most:
            return kept
        limit = min(most, deeper_limit(limit, len(kept), wanted))


def first_limit(wanted: int, left_out: set[int]) -> int:
    """How many candidates Milvus is asked for at first."""
    return min(wanted + SPARE + min(len(left_out), SEEN_AT_FIRST), vector_index.MAX_ROWS)


def deeper_limit(limit: int, kept: int, wanted: int) -> int:
    """How many candidates the next search asks for, after one for `limit` of which `kept` may be shown."""
    return round(limit * max(2.0, DEEPER * (wanted + SPARE) / max(1, kept)))


def movie_vectors(live: LiveModel, candidates: list[Candidate]) -> NDArray[np.float32]:
    """Vectors [n, 256] of the candidates: from the artifact, and from the index for newer movies."""
    ids = [candidate.movie_id for candidate in candidates]
    vectors, known = live.model.stored_vectors(np.array(ids, dtype=np.int64))
    newer = [movie_id for movie_id, is_known in zip(ids, known, strict=True) if not is_known]
    if newer:
        rows = vector_index.fetch(live.collection, newer, fresh=False)
        vectors = vectors.copy()
        for position in np.flatnonzero(~known):
            if row := rows.get(ids[position]):
                vectors[position] = row.vector
    return vectors
