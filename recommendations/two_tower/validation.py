"""The held-out part inside a training: a sample of users whose latest ratings are predicted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .bootstrap import mean_of_questions
from .config import Horizon, TwoTowerConfig
from .data import Column, Floats, Ids, TrainingData, UserInput, blocks
from .evaluate import rank
from .metrics import ndcg_at_k
from .serving_model import ServingModel
from .splits import LIKED_STARS
from .trends import TREND_DIMENSIONS, Trends

K = 10
Metric = Callable[[list[int], set[int], int], float]
HELD_OUT_SHARE, MOST_HELD_OUT, SMALLEST_HISTORY = 0.1, 10, 10
HELD_OUT_HASHES = np.uint64(2**64 // 10)


@dataclass(frozen=True)
class Question:
    """One user as of the start of their held-out ratings, and those."""

    user: UserInput
    next_movie: int
    later_liked: set[int]
    now: int


class Answers(NamedTuple):
    """A ranked list for each question: of the next movie, and of those liked later (empty if not asked)."""

    following: list[list[int]]
    later: list[list[int]]


@dataclass(frozen=True)
class Validation:
    questions: list[Question]
    candidates: Ids  # movies with a rating in what is trained on
    trends: Trends  # of the candidates in what is trained on, row i + 1 for candidate i

    @classmethod
    def of(cls, questions: list[Question], trained: TrainingData) -> "Validation":
        candidates = np.unique(trained.movie_ids).astype(np.int64)
        years = {movie.movie_id: movie.year for movie in trained.movies}
        rows = np.empty(len(trained), np.int32)
        for block in blocks(len(rows)):
            rows[block] = np.searchsorted(candidates, trained.movie_ids[block]) + 1
        candidate_years = [None, *(years.get(movie_id) for movie_id in candidates.tolist())]
        trends = Trends.of(trained.timestamps, rows, trained.stars, LIKED_STARS, candidate_years)
        return cls(questions, candidates, trends)

    def metrics(self, model: ServingModel) -> dict[str, float]:
        """nDCG@10 of the held-out ratings for both horizons, and their mean."""
        scores = self.scores(self.answers(model))
        following, later = (mean_of_questions(scores[:, [column]]) for column in (0, 1))
        return {
            "next_ndcg@10": following,
            "weeks_ndcg@10": later,
            "mean_ndcg@10": mean_of_questions(scores),
        }

    def scores(self, answers: Answers, k: int = K, metric: Metric = ndcg_at_k) -> Floats:
        """[questions, 2]: the metric of each question's lists for both horizons; NaN where not asked."""
        scores = np.full((len(self.questions), 2), np.nan, np.float32)
        for row, question in enumerate(self.questions):
            scores[row, 0] = metric(answers.following[row], {question.next_movie}, k)
            if question.later_liked:
                scores[row, 1] = metric(answers.later[row], question.later_liked, k)
        return scores

    def answers(self, model: ServingModel, limit: int = K) -> Answers:
        """What the model ranks first for each question.

        For the weeks the movie vectors have the trends of the question's moment instead of the last one's.
        """
        vectors, _ = model.stored_vectors(self.candidates)
        following = [self._next(model, question, vectors, limit) for question in self.questions]
        places = self.trends.places(np.array([question.now for question in self.questions], np.int64))
        later: list[list[int]] = []
        for question, place in zip(self.questions, places, strict=True):
            vectors[:, -TREND_DIMENSIONS:] = self.trends.table[place, 1:]
            later.append(self._weeks(model, question, vectors, limit) if question.later_liked else [])
        return Answers(following, later)

    def _next(self, model: ServingModel, question: Question, vectors: Floats, limit: int) -> list[int]:
        vector = model.user_vector(question.user, horizon=Horizon.NEXT)
        return rank(vectors @ vector, self.candidates, question.user.movie_ids, limit)

    def _weeks(self, model: ServingModel, question: Question, vectors: Floats, limit: int) -> list[int]:
        vector = model.user_vector(question.user, horizon=Horizon.WEEKS, now=question.now)
        return rank(vectors @ vector, self.candidates, question.user.movie_ids, limit)


def _mixed(ids: Column) -> NDArray[np.uint64]:
    """A fixed scrambling of IDs: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    x = ids.astype(np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hold_out(data: TrainingData, config: TwoTowerConfig) -> tuple[TrainingData, Validation | None]:
    """What to train on, and the questions about the latest tenth (at most ten) of some users' ratings.

    About a tenth of the users with at least ten ratings, at most `validation_users`; nobody where that is
    none. They are those with the lowest hashes of their IDs, whoever joins: so a new version can be compared
    with the live one, or go on from it, on ratings that neither was trained on. Only where the limit is
    reached, or raised, are people held out who were trained on: one for each who leaves, or so many more.
    """
    _, starts, stops = data.bounds()
    fit = np.flatnonzero(stops - starts >= SMALLEST_HISTORY)
    hashes = _mixed(data.user_ids[starts[fit]])
    share = max(int(np.count_nonzero(hashes < HELD_OUT_HASHES)), min(1, len(fit) // SMALLEST_HISTORY))
    count = min(config.validation_users, share)
    if count == 0:
        return data, None
    users = np.sort(fit[np.argsort(hashes, kind="stable")[:count]])
    return hold_out_users(data, users, config)


def hold_out_users(data: TrainingData, users: Ids, config: TwoTowerConfig) -> tuple[TrainingData, Validation]:
    """The same for users by their places among those with ratings, in rising order."""
    ids, starts, stops = data.bounds()
    kept = np.ones(len(data), bool)
    for user in users:
        held = min(MOST_HELD_OUT, max(1, int((stops[user] - starts[user]) * HELD_OUT_SHARE)))
        kept[stops[user] - held : stops[user]] = False
    trained = data.keep(kept)
    questions = [
        _question(data, user, slice(int(start) + len(user.movie_ids), int(stop)), config)
        for user, start, stop in zip(trained.each_user(ids[users]), starts[users], stops[users], strict=True)
    ]
    return trained, Validation.of(questions, trained)


def _question(data: TrainingData, user: UserInput, held_out: slice, config: TwoTowerConfig) -> Question:
    movies, liked = data.movie_ids[held_out], data.stars[held_out] >= config.liked_stars
    now = int(data.timestamps[held_out][0])
    return Question(user, int(movies[0]), set(movies[liked].tolist()), now)
