"""The answer to "what should this user watch?".

History → user vector → candidates from Milvus → without what was seen → re-ranked → explained → cards.
Where the recommender cannot answer, popular movies do, and the list says so. Nothing here raises
because an engine is down.
"""

import logging
import time
import uuid
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.cards import MovieCard, movie_cards
from catalog.models import Movie, MovieChange, User
from recommendations import served_lists
from recommendations.experiments.arms import answer_in_arm
from recommendations.experiments.participation import participation
from recommendations.explanations import Reason, explain, movies_named, named_ratings, reasons
from recommendations.interactions import user_input_and_seen
from recommendations.live_model import LiveModel, NoActiveModel, forget_live_model
from recommendations.metrics import count_list, time_stage
from recommendations.models import ServedList
from recommendations.predictions import Confidence, Prediction, predictions
from recommendations.reranking import AS_IT_COMES, lean, pool_size, rerank
from recommendations.retrieval import SPARE, find_fitting_candidates, movie_vectors
from recommendations.tracing import note_weighed
from recommendations.two_tower.data import UserInput
from recommendations.vector_index import Candidate, Conditions, VectorIndexUnavailable

logger = logging.getLogger(__name__)

Source = ServedList.Source


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
    seconds: float = 0.0  # that it took to make


def recommend(
    user: User | None, request: ListRequest = ListRequest(), *, store: bool = True, explained: bool = True
) -> RecommendationList:
    """The list for `user`, or for a visitor when None; kept as a ServedList if `store`, with reasons if
    `explained`.

    A fixed number of queries, whatever the length of the list and of the history.
    """
    started = time.perf_counter()
    with time_stage("history"):
        person, seen = user_input_and_seen(user)
    answer = _answer(user, person, seen | set(request.exclude), request, explained=explained)
    answer = replace(answer, seconds=time.perf_counter() - started)
    count_list(answer.source)
    if store:
        keep(answer, user, request)
    return answer


def keep(answer: RecommendationList, user: User | None, request: ListRequest) -> None:
    """Keep `answer` as a ServedList. Whoever shows a part of one that was not stored keeps that part."""
    served = _as_served(answer, user, request)
    if answer.source != Source.POPULAR or answer.notice:  # else all arms show the same
        served.experiment, served.arm = participation(
            user, answer.list_id, model_version=answer.model_version, seconds=answer.seconds
        )
    served_lists.store(served)


def _as_served(answer: RecommendationList, user: User | None, request: ListRequest) -> ServedList:
    return ServedList(
        pk=answer.list_id,
        user=user,
        source=answer.source,
        model_version=answer.model_version,
        request=vars(request).copy(),
        movie_ids=[recommendation.movie.id for recommendation in answer.results],
        trace=[recommendation.trace() for recommendation in answer.results],
    )


def recommend_with(live: LiveModel, user: User, request: ListRequest) -> RecommendationList:
    """The personal list that this very model makes for `user`, for comparison; nothing stored or counted.

    Raises VectorIndexUnavailable.
    """
    person, seen = user_input_and_seen(user)
    source = _personal_source(person) or Source.PERSONAL
    return _personal(live, source, person, seen | set(request.exclude), request)


def recommend_to_visitor(person: UserInput, request: ListRequest = ListRequest()) -> RecommendationList:
    """The list for somebody without an account, of whom only `person` is known; nothing is stored."""
    left_out = {int(movie_id) for movie_id in person.movie_ids} | set(request.exclude)
    answer = _answer(None, person, left_out, request)
    count_list(answer.source)
    return answer


def _answer(
    user: User | None, person: UserInput, left_out: set[int], request: ListRequest, *, explained: bool = True
) -> RecommendationList:
    source = _personal_source(person)
    if source is None:
        return _popular(left_out, request)
    try:
        return answer_in_arm(
            user, lambda live: _personal(live, source, person, left_out, request, explained=explained)
        )
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
    live: LiveModel,
    source: Source,
    person: UserInput,
    left_out: set[int],
    request: ListRequest,
    *,
    explained: bool = True,
) -> RecommendationList:
    with time_stage("user_vector"):
        vector = live.model.user_vector(person)
    wanted = pool_size(request.limit, request.diversity, request.obscurity)
    with time_stage("retrieval"):
        least, conditions = request.min_predicted_rating, request.conditions
        candidates = find_fitting_candidates(
            live,
            vector,
            person,
            wanted,
            least=least,
            enough=request.limit,
            left_out=left_out,
            conditions=conditions,
        )[: wanted + SPARE]
        vectors = movie_vectors(live, candidates)
    with time_stage("cards"):
        cards, named = _cards(live, person, candidates, vectors, request, explained=explained)
    shown = [i for i, candidate in enumerate(candidates) if candidate.movie_id in cards][:wanted]
    too_few = len(shown) < request.limit and len(candidates) - len(shown) > SPARE
    if too_few and (withdrawn := _withdrawn_lately() - left_out):
        return _personal(live, source, person, left_out | withdrawn, request, explained=explained)
    note_weighed([candidates[i] for i in shown])
    if not shown:
        return RecommendationList(source, live.version, [])
    with time_stage("ranking"):
        counts = [cards[candidates[i].movie_id].rating_count for i in shown]
        scores = lean([candidates[i].score for i in shown], counts, request.obscurity)
        directions = live.model.directions(vectors[shown])
        order = rerank(scores, directions, limit=request.limit, diversity=request.diversity)
    chosen = [shown[i] for i in order]
    with time_stage("explanation"):
        because = _reasons(
            live, person, vectors[chosen], cards, [named[i] for i in chosen] if named else None
        )
        movies = [cards[candidates[i].movie_id] for i in chosen]
        expected = _predictions(live, person, movies, vectors[chosen])
    results = [
        Recommendation(movie, candidates[i].score, given.stars, why, given.confidence)
        for i, movie, given, why in zip(chosen, movies, expected, because, strict=True)
    ]
    return RecommendationList(source, live.version, results)


def _withdrawn_lately() -> set[int]:
    """Movies that are no longer shown, of which the index does not know yet: many after a change in bulk."""
    shown = Movie.objects.visible().values("pk")
    changes = MovieChange.objects.pending().exclude(movie_id__in=shown)
    return set(changes.values_list("movie_id", flat=True))


def _cards(
    live: LiveModel,
    person: UserInput,
    candidates: list[Candidate],
    vectors: NDArray[np.float32],
    request: ListRequest,
    *,
    explained: bool,
) -> tuple[dict[int, MovieCard], list[list[int]] | None]:
    """Cards by movie ID; and what names each candidate, where nearly all will be shown: one read for both."""
    movie_ids = [candidate.movie_id for candidate in candidates]
    named: list[list[int]] | None = None if explained else [[] for _ in candidates]
    if explained and len(candidates) <= request.limit + SPARE:
        named = named_ratings(live.model, person, vectors)
        movie_ids += movies_named(person, named)
    return {card.id: card for card in movie_cards(movie_ids)}, named


def _reasons(
    live: LiveModel,
    person: UserInput,
    vectors: NDArray[np.float32],
    cards: dict[int, MovieCard],
    named: list[list[int]] | None,
) -> list[tuple[Reason, ...]]:
    if named is None:
        return explain(live.model, person, vectors)
    return reasons(person, named, {movie_id: card.display_title for movie_id, card in cards.items()})


def _predictions(
    live: LiveModel, person: UserInput, movies: list[MovieCard], vectors: NDArray[np.float32]
) -> list[Prediction]:
    movie_ids = np.array([movie.id for movie in movies], dtype=np.int64)
    counts = [movie.rating_count for movie in movies]
    return predictions(live.model, person, movie_ids, vectors, counts)


def _popular(left_out: set[int], request: ListRequest, *, notice: str = "") -> RecommendationList:
    """The most rated movies that satisfy the request."""
    movies = Movie.objects.visible().released(request.year_min, request.year_max).popular()
    if request.genre is not None:
        movies = movies.in_genre(request.genre)
    best = movies.values_list("pk", flat=True)[: request.limit + len(left_out)]
    cards = movie_cards([movie_id for movie_id in best if movie_id not in left_out][: request.limit])
    results = [Recommendation(card, score=0.0) for card in cards]
    return RecommendationList(Source.POPULAR, None, results, notice)
