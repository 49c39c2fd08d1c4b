"""The answer to "what should this user watch?".

History → user vector → candidates from Milvus → without what was seen → re-ranked → explained → cards.
Where the recommender cannot answer, popular movies do, and the list says so. Nothing here raises
because an engine is down.
"""

import logging
import time
import uuid
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.cards import MovieCard, movie_cards
from catalog.models import Movie, User
from recommendations import vector_index
from recommendations.experiments.arms import answer_in_arm
from recommendations.experiments.participation import NONE, participation
from recommendations.explanations import Reason, explain
from recommendations.interactions import user_input
from recommendations.live_model import LiveModel, NoActiveModel, forget_live_model
from recommendations.metrics import count_list, time_stage
from recommendations.models import ServedList
from recommendations.predictions import Confidence, predictions
from recommendations.reranking import AS_IT_COMES, lean, pool_size, rerank
from recommendations.seen import movies_to_leave_out
from recommendations.tracing import note_search, note_weighed
from recommendations.two_tower.data import UserInput
from recommendations.vector_index import NO_CONDITIONS, Candidate, Conditions, VectorIndexUnavailable

logger = logging.getLogger(__name__)

Source = ServedList.Source
STARS_POOL = 500  # candidates whose stars are predicted at first when a list asks for a minimum
SPARE = 10  # candidates fetched beyond need, since some may have been withdrawn a moment ago


@dataclass(frozen=True)
class ListRequest:
    """What a list should be like."""

    limit: int = 20
    genre: str | None = None  # a slug
    year_min: int | None = None
    year_max: int | None = None
    diversity: float = 0.0  # from 0, by score alone, to 1
    exclude: tuple[int, ...] = ()  # movie IDs
    obscurity: float = AS_IT_COMES  # from 0, well-known movies first, to 1, little-known ones first
    min_predicted_rating: float | None = None  # stars; on lists that are not from the model it counts nothing

    @property
    def conditions(self) -> Conditions:
        return Conditions(self.genre, self.year_min, self.year_max)

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> Self:
        """The request of a ServedList; what a later or earlier release stored besides is left out."""
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in stored.items() if name in known}
        return cls(**kept | {"exclude": tuple(stored.get("exclude", ()))})


@dataclass(frozen=True)
class Recommendation:
    movie: MovieCard
    score: float  # inner product of user vector and movie vector; 0 on a list of popular movies
    predicted_rating: float | None = None  # stars
    because: tuple[Reason, ...] = ()
    confidence: Confidence | None = None  # of the predicted rating

    def trace(self) -> dict[str, object]:
        """What is kept to answer "why was I shown this?" later."""
        reasons = [reason.movie_id for reason in self.because]
        return {"score": round(self.score, 4), "predicted": self.predicted_rating, "because": reasons}


@dataclass(frozen=True)
class RecommendationList:
    source: Source
    model_version: int | None
    results: list[Recommendation]
    notice: str = ""  # a sentence for the reader when the recommender could not answer
    list_id: uuid.UUID = field(default_factory=uuid.uuid4)


def recommend(
    user: User | None, request: ListRequest = ListRequest(), *, store: bool = True
) -> RecommendationList:
    """The list for `user`, or for a visitor when None; kept as a ServedList if `store`.

    A fixed number of queries, whatever the length of the list and of the history.
    """
    started = time.perf_counter()
    with time_stage("history"):
        person = user_input(user)
        left_out = movies_to_leave_out(user, rated=person.movie_ids) | set(request.exclude)
    answer = _answer(user, person, left_out, request)
    count_list(answer.source)
    if store:
        seconds = time.perf_counter() - started
        is_wanted_personal = _personal_source(person) is not None  # else all arms show the same
        part = (
            participation(user, answer.list_id, model_version=answer.model_version, seconds=seconds)
            if is_wanted_personal
            else NONE
        )
        ServedList.objects.create(
            pk=answer.list_id,
            user=user,
            source=answer.source,
            model_version=answer.model_version,
            request=asdict(request),
            movie_ids=[recommendation.movie.id for recommendation in answer.results],
            trace=[recommendation.trace() for recommendation in answer.results],
            experiment=part.experiment,
            arm=part.arm,
        )
    return answer


def recommend_with(live: LiveModel, user: User, request: ListRequest) -> RecommendationList:
    """The personal list that this very model makes for `user`, for comparison; nothing stored or counted.

    Raises VectorIndexUnavailable.
    """
    person = user_input(user)
    left_out = movies_to_leave_out(user, rated=person.movie_ids) | set(request.exclude)
    return _personal(live, _personal_source(person) or Source.PERSONAL, person, left_out, request)


def recommend_to_visitor(person: UserInput, request: ListRequest = ListRequest()) -> RecommendationList:
    """The list for somebody without an account, of whom only `person` is known; nothing is stored."""
    left_out = {int(movie_id) for movie_id in person.movie_ids} | set(request.exclude)
    answer = _answer(None, person, left_out, request)
    count_list(answer.source)
    return answer


def _answer(
    user: User | None, person: UserInput, left_out: set[int], request: ListRequest
) -> RecommendationList:
    source = _personal_source(person)
    if source is None:
        return _popular(left_out, request)
    try:
        return answer_in_arm(user, lambda live: _personal(live, source, person, left_out, request))
    except NoActiveModel as error:
        logger.warning("no model to serve with: %s", error)
        return _popular(left_out, request, notice=_("Personal picks are not ready yet. These are popular."))
    except VectorIndexUnavailable as error:
        logger.warning("popular movies instead of personal ones: %s", error)
        forget_live_model()
        notice = _("Personal picks are out of reach for a moment. These are popular.")
        return _popular(left_out, request, notice=notice)


def _personal_source(person: UserInput) -> Source | None:
    """What the user vector would be made from, or None if there is nothing to make it from."""
    if person.counts.any():
        return Source.PERSONAL
    return Source.DEMOGRAPHICS if person.has_demographics else None


def _personal(
    live: LiveModel, source: Source, person: UserInput, left_out: set[int], request: ListRequest
) -> RecommendationList:
    with time_stage("user_vector"):
        vector = live.model.user_vector(person)
    wanted = pool_size(request.limit, request.diversity, request.obscurity)
    with time_stage("retrieval"):
        candidates = _fitting_candidates(live, vector, person, wanted, left_out, request)
    with time_stage("cards"):
        likely = [candidate.movie_id for candidate in candidates[: wanted + SPARE]]
        cards = {card.id: card for card in movie_cards(likely)}
    candidates = [candidate for candidate in candidates if candidate.movie_id in cards][:wanted]
    note_weighed(candidates)
    if not candidates:
        return RecommendationList(source, live.version, [])
    with time_stage("ranking"):
        vectors = movie_vectors(live, candidates)
        counts = [cards[candidate.movie_id].rating_count for candidate in candidates]
        scores = lean([candidate.score for candidate in candidates], counts, request.obscurity)
        directions = live.model.directions(vectors)
        order = rerank(scores, directions, limit=request.limit, diversity=request.diversity)
    chosen, vectors = [candidates[i] for i in order], vectors[order]
    movie_ids = np.array([candidate.movie_id for candidate in chosen], dtype=np.int64)
    with time_stage("explanation"):
        counts = [cards[candidate.movie_id].rating_count for candidate in chosen]
        expected = predictions(live.model, person, movie_ids, vectors, counts)
        reasons = explain(live.model, person, vectors)
    results = [
        Recommendation(
            cards[candidate.movie_id], candidate.score, predicted.stars, because, predicted.confidence
        )
        for candidate, predicted, because in zip(chosen, expected, reasons, strict=True)
    ]
    return RecommendationList(source, live.version, results)


def _fitting_candidates(
    live: LiveModel,
    vector: NDArray[np.float32],
    person: UserInput,
    wanted: int,
    left_out: set[int],
    request: ListRequest,
) -> list[Candidate]:
    """As `find_candidates`, of those with the predicted stars asked for; Milvus does not know stars."""
    conditions, least = request.conditions, request.min_predicted_rating
    if least is None:
        return find_candidates(live, vector, wanted, left_out=left_out, conditions=conditions)
    fitting: list[Candidate] = []
    for pool in (max(wanted, STARS_POOL), vector_index.MAX_ROWS):
        found = find_candidates(live, vector, pool, left_out=left_out, conditions=conditions)
        ids = np.array([candidate.movie_id for candidate in found], dtype=np.int64)
        stars = live.model.predict_stars(person, ids, movie_vectors(live, found))
        fitting = [candidate for candidate, given in zip(found, stars, strict=True) if given >= least]
        if len(fitting) >= wanted + SPARE or len(found) < pool:
            break
    return fitting


def find_candidates(
    live: LiveModel,
    vector: NDArray[np.float32],
    wanted: int,
    *,
    left_out: set[int],
    conditions: Conditions = NO_CONDITIONS,
) -> list[Candidate]:
    """At least `wanted` candidates that are not left out, if the index has them, best first.

    What is left out is dropped here rather than by Milvus, which is slow with long lists of IDs; so
    as many more are asked for, fewer at first, since most of what a user saw ranks low.
    """
    most = min(wanted + SPARE + len(left_out), vector_index.MAX_ROWS)
    limit = min(2 * wanted + SPARE, most)
    while True:
        found = vector_index.search(live.collection, vector, limit=limit, conditions=conditions)
        note_search(limit, found)
        kept = [candidate for candidate in found if candidate.movie_id not in left_out]
        if len(kept) >= wanted + SPARE or len(found) < limit or limit == most:
            return kept
        limit = most


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


def _popular(left_out: set[int], request: ListRequest, *, notice: str = "") -> RecommendationList:
    """The most rated movies that satisfy the request."""
    movies = Movie.objects.visible().released(request.year_min, request.year_max).popular()
    if request.genre is not None:
        movies = movies.in_genre(request.genre)
    best = movies.values_list("pk", flat=True)[: request.limit + len(left_out)]
    cards = movie_cards([movie_id for movie_id in best if movie_id not in left_out][: request.limit])
    results = [Recommendation(card, score=0.0) for card in cards]
    return RecommendationList(Source.POPULAR, None, results, notice)
