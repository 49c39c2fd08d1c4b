"""Why one movie is recommended, by recomputation: what becomes of it without each of the person's ratings."""

import logging
import time
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext as _

from catalog.models import Movie, User
from recommendations import vector_index
from recommendations.experiments.arms import answer_in_arm
from recommendations.explanations import STAR_WEIGHT
from recommendations.interactions import user_input_and_seen
from recommendations.live_model import LiveModel, NoActiveModel
from recommendations.retrieval import first_limit, movie_vectors
from recommendations.two_tower.data import Floats, Ids, UserInput
from recommendations.vector_index import Candidate, VectorIndexUnavailable

logger = logging.getLogger(__name__)

RANKED = 200  # places that are told apart; further down is just that
NEAR = 40  # places among which a movie is looked for at first
CLOSEST, LATEST = 12, 4  # ratings that are left out in turn: of the most similar movies, and the latest
NAMED = 6


@dataclass(frozen=True)
class Contribution:
    """One rating, and what leaving it out of the history changes."""

    movie_id: int
    title: str
    your_rating: float  # stars
    weight: float  # how much it counts, from 0 to 1
    contribution: float  # of the movie's score: what is lost without this rating
    share: float  # of all positive contributions that were found, from 0 to 1
    rank_without: int | None  # None: further down than RANKED

    @property
    def percent(self) -> int:
        return round(100 * self.share)


@dataclass(frozen=True)
class Why:
    movie: Movie
    model_version: int | None = None
    score: float | None = None
    rank: int | None = None  # among all movies that the person may be shown; None: further down than RANKED
    reasons: list[Contribution] = field(default_factory=list)
    notice: str = ""  # a sentence for the reader where there is nothing to explain
    ranked: int = RANKED


def why(user: User, movie: Movie) -> Why:
    """The ratings that brought `movie` up, the largest contribution first; three queries, one search or two.

    For each rating looked at, the user vector is computed from the history without it. Those that are named
    are searched with, all in one request: ranks are those that the list would have.
    """
    person, left_out = user_input_and_seen(user)
    if movie.pk in left_out:
        return Why(movie, notice=_("You have rated or hidden this movie, so it is not recommended to you."))
    if not person.counts.any():
        return Why(movie, notice=_("None of your ratings counts yet, so this is not a personal pick."))
    try:
        return answer_in_arm(user, lambda live: _recomputed(live, person, left_out, movie))
    except (NoActiveModel, VectorIndexUnavailable) as error:
        logger.warning("no explanation: %s", error)
        return Why(movie, notice=_("The recommender is out of reach for a moment. Please try again."))


def _recomputed(live: LiveModel, person: UserInput, left_out: set[int], movie: Movie) -> Why:
    target = movie_vectors(live, [Candidate(movie.pk, 0.0)])
    positions = _suspects(live, person, target)
    histories = [person, *(person.keep(np.arange(len(person.movie_ids)) != place) for place in positions)]
    now = int(time.time())
    vectors = np.stack([live.model.user_vector(history, now=now) for history in histories])
    scores = vectors @ target[0]
    lost = scores[0] - scores[1:]
    named = [i for i in np.argsort(-lost).tolist() if lost[i] > 0][:NAMED]
    rank, *ranks_without = _ranks(live, vectors[[0, *(i + 1 for i in named)]], movie.pk, left_out)
    total = float(lost[lost > 0].sum()) or 1.0
    return Why(
        movie,
        live.version,
        float(scores[0]),
        rank,
        _contributions(person, positions[named], lost[named], total, ranks_without),
    )


def _suspects(live: LiveModel, person: UserInput, target: Floats) -> Ids:
    """Places in the history of the ratings to leave out in turn: all of a short one."""
    counted = np.flatnonzero(person.counts > 0)
    if len(counted) <= CLOSEST + LATEST:
        return counted
    rated, _known = live.model.stored_vectors(person.movie_ids[counted])
    similarity = live.model.directions(rated) @ live.model.directions(target)[0]
    weight = 1 + STAR_WEIGHT * (person.stars[counted] - person.stars.mean())
    closest = counted[np.argsort(-similarity * weight)[:CLOSEST]]
    return np.unique(np.concatenate([closest, counted[-LATEST:]]))


def _ranks(live: LiveModel, vectors: Floats, movie_id: int, left_out: set[int]) -> list[int | None]:
    """The movie's place in the list of each of these user vectors; in a short list first, where most are."""
    ranks: dict[int, int | None] = {}
    for limit in (first_limit(NEAR, left_out), RANKED + len(left_out)):
        missing = [i for i in range(len(vectors)) if ranks.get(i) is None]
        if not missing:
            break
        found = vector_index.search_many(live.collection, vectors[missing], limit=limit)
        ranks |= {i: _rank(list_, movie_id, left_out) for i, list_ in zip(missing, found, strict=True)}
    return [ranks[i] for i in range(len(vectors))]


def _rank(candidates: list[Candidate], movie_id: int, left_out: set[int]) -> int | None:
    shown = [candidate.movie_id for candidate in candidates if candidate.movie_id not in left_out][:RANKED]
    return shown.index(movie_id) + 1 if movie_id in shown else None


def _contributions(
    person: UserInput, positions: Ids, lost: Floats, total: float, ranks: list[int | None]
) -> list[Contribution]:
    """Of the ratings at these places of the history, but for those of withdrawn movies."""
    ids = person.movie_ids[positions].tolist()
    titles = {m.pk: m.display_title for m in Movie.objects.visible().filter(pk__in=ids).only("title")}
    return [
        Contribution(
            movie_id=movie_id,
            title=titles[movie_id],
            your_rating=float(person.stars[position]),
            weight=float(person.counts[position]),
            contribution=float(loss),
            share=float(loss) / total,
            rank_without=rank,
        )
        for movie_id, position, loss, rank in zip(ids, positions, lost, ranks, strict=True)
        if movie_id in titles
    ]
