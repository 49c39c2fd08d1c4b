"""The answer to "what shall we watch together?".

Histories → a vector for each member and one for all → candidates from Milvus for each → without what
anybody has seen → ordered by `scoring` → explained for each member → cards. A member who is new counts
with the taste of people in general. Where the recommender cannot answer, popular movies do, and the list
says so; nothing here raises because an engine is down.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.cards import MovieCard, movie_cards
from catalog.models import Mark, Membership, Movie, User
from recommendations.explanations import Reason, explain
from recommendations.interactions import user_inputs
from recommendations.live_model import LiveModel, NoActiveModel, forget_live_model, live_model
from recommendations.retrieval import find_candidates, movie_vectors
from recommendations.together.scoring import floor_of, group_order
from recommendations.two_tower.data import UserInput
from recommendations.vector_index import Candidate, Conditions, VectorIndexUnavailable

logger = logging.getLogger(__name__)

POOL = 150  # candidates for each member, and for all of them


@dataclass(frozen=True)
class GroupRequest:
    """What the list should be like."""

    limit: int = 12
    genre: str | None = None  # a slug
    year_min: int | None = None
    year_max: int | None = None

    @property
    def conditions(self) -> Conditions:
        return Conditions(self.genre, self.year_min, self.year_max)


@dataclass(frozen=True)
class Outlook:
    """What a movie is to one member."""

    user: User
    predicted_rating: float  # stars
    content: bool  # not below the member's floor
    because: Reason | None  # the movie they liked that is nearest
    is_new: bool  # has rated nothing; predicted from what people in general like

    @property
    def bar(self) -> float:
        """Length of the bar on the page, of 50 at five stars."""
        return self.predicted_rating * 10


@dataclass(frozen=True)
class GroupPick:
    movie: MovieCard
    outlooks: tuple[Outlook, ...] = ()  # of each member, in the order of joining; none on a popular list

    @property
    def least_happy(self) -> Outlook | None:
        return min(self.outlooks, key=lambda outlook: outlook.predicted_rating, default=None)

    @property
    def suits_all(self) -> bool:
        return all(outlook.content for outlook in self.outlooks)


@dataclass(frozen=True)
class GroupList:
    personal: bool  # False: popular movies, with a notice that says why
    model_version: int | None
    results: list[GroupPick] = field(default_factory=list)
    rewatching: bool = False  # what members have seen is listed too
    notice: str = ""


@dataclass(frozen=True)
class _Company:
    """The members of a group as the recommender sees them."""

    users: list[User]
    histories: list[UserInput]
    left_out: set[int]  # IDs of movies
    rewatching: bool


def pick_together(memberships: Sequence[Membership], request: GroupRequest = GroupRequest()) -> GroupList:
    """The list for these members; each membership comes with its user.

    The number of queries depends on the number of members alone.
    """
    company = _company(memberships)
    try:
        return _picked(live_model(), company, request)
    except NoActiveModel as error:
        logger.warning("no model to pick for a group with: %s", error)
        notice = _("Picks for groups are not ready yet. These are popular.")
    except VectorIndexUnavailable as error:
        logger.warning("popular movies instead of a group's picks: %s", error)
        forget_live_model()
        notice = _("Picks are out of reach for a moment. These are popular.")
    return _popular(company, request, notice)


def _company(memberships: Sequence[Membership]) -> _Company:
    """Two queries."""
    users = [membership.user for membership in memberships]
    histories = user_inputs(users)
    rewatching = all(membership.rewatches for membership in memberships)
    kinds = [Mark.Kind.HIDDEN, Mark.Kind.UNFINISHED]
    left_out = set(Mark.objects.filter(user__in=users, kind__in=kinds).values_list("movie_id", flat=True))
    if not rewatching:
        left_out |= {int(movie_id) for history in histories for movie_id in history.movie_ids}
    return _Company(users, histories, left_out, rewatching)


def _picked(live: LiveModel, company: _Company, request: GroupRequest) -> GroupList:
    queries = np.stack([live.model.user_vector(history) for history in company.histories])
    candidates = _candidates(live, queries, company, request)
    cards = {card.id: card for card in movie_cards([candidate.movie_id for candidate in candidates])}
    candidates = [candidate for candidate in candidates if candidate.movie_id in cards]
    if not candidates:
        return GroupList(True, live.version, rewatching=company.rewatching)
    vectors = movie_vectors(live, candidates)
    movie_ids = np.array([candidate.movie_id for candidate in candidates], np.int64)
    stars = np.stack([live.model.predict_stars(h, movie_ids, vectors) for h in company.histories])
    floors = np.array([floor_of(_mean_stars(live, h)) for h in company.histories], np.float32)
    order = group_order(queries @ vectors.T, stars, floors)[: request.limit]
    outlooks = _outlooks(live, company, vectors[order], stars[:, order], floors)
    chosen = [cards[int(movie_ids[place])] for place in order]
    picks = [GroupPick(card, row) for card, row in zip(chosen, outlooks, strict=True)]
    return GroupList(True, live.version, picks, company.rewatching)


def _candidates(
    live: LiveModel, queries: NDArray[np.float32], company: _Company, request: GroupRequest
) -> list[Candidate]:
    """Each once, from the members' vectors [members, 256] and the mean of them at one length."""
    lengths = np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), np.float32(1e-9))
    common = (queries / lengths).mean(axis=0)
    found: dict[int, Candidate] = {}
    for query in [*queries, common] if len(queries) > 1 else queries:
        for candidate in find_candidates(
            live, query, POOL, left_out=company.left_out, conditions=request.conditions
        ):
            found.setdefault(candidate.movie_id, candidate)
    return list(found.values())


def _mean_stars(live: LiveModel, history: UserInput) -> float:
    return float(history.stars.mean()) if len(history.stars) else live.model.mean_stars


def _outlooks(
    live: LiveModel,
    company: _Company,
    vectors: NDArray[np.float32],
    stars: NDArray[np.float32],
    floors: NDArray[np.float32],
) -> list[tuple[Outlook, ...]]:
    """For each movie what it is to each member; one query for each member who liked anything."""
    by_member = []
    for user, history, predicted, floor in zip(company.users, company.histories, stars, floors, strict=True):
        reasons = explain(live.model, history, vectors)
        is_new = not len(history.movie_ids)
        by_member.append(
            [
                Outlook(user, round(float(value), 2), bool(value >= floor), next(iter(because), None), is_new)
                for value, because in zip(predicted, reasons, strict=True)
            ]
        )
    return list(zip(*by_member, strict=True))


def _popular(company: _Company, request: GroupRequest, notice: str) -> GroupList:
    """The most rated movies that satisfy the request."""
    movies = Movie.objects.visible().released(request.year_min, request.year_max).popular()
    if request.genre is not None:
        movies = movies.in_genre(request.genre)
    best = movies.values_list("pk", flat=True)[: request.limit + len(company.left_out)]
    ids = [movie_id for movie_id in best if movie_id not in company.left_out][: request.limit]
    picks = [GroupPick(card) for card in movie_cards(ids)]
    return GroupList(False, None, picks, company.rewatching, notice)
