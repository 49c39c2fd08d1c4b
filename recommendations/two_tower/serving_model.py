"""A trained model on numpy alone: what web workers hold. Computes what `network` computes in Paddle."""

import time
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from .config import Horizon, TwoTowerConfig
from .data import Floats, Ids, MovieInput, UserInput
from .features import history_batch, movie_content, now_gap_row
from .plane import Plane, plane_of
from .stars import HIGHEST, LOWEST, Person, StarFactors, person_of
from .threads import single_blas_thread
from .trends import trends_of_new_movies
from .user_tower import INPUTS, UserTower
from .vocabulary import UNKNOWN, Vocabulary

REMEMBERED_STATES = 500  # of users, 6 KB each
AWAY = 0.1  # share of a user vector's length that turns it away from what was not finished; see docs/model.md
STARS = "stars."  # prefix of the names of star factors among the weights
UNRATED = "trends_of_unrated"  # name of the trends of a movie without ratings among the weights
CENTRE = "centre"  # [256]: the mean of the movies before it was taken from all of them (docs/adr/0053)
TABLES = (  # the weights with a row for each movie
    "movie_id.weight",
    "transitions.movie.weight",
    INPUTS,
    *(STARS + name for name in ("factors", "bias", "variances", "noise", "co_rated")),
)
NO_LENGTH = np.float32(1e-5)  # what is left of the mean movie by rounding
MOVIES_OF_PLANE = 20_000  # that the map is made from at most


def derived(
    weights: Mapping[str, Floats], movie_vectors: Floats, config: TwoTowerConfig
) -> dict[str, Floats]:
    """What follows from the weights and the movies' vectors, computed once for all processes that serve."""
    learned = slice(config.learned_dimension)
    weight, bias = weights["movie_input.weight"], weights["movie_input.bias"]
    inputs = np.empty((len(movie_vectors) + 1, len(bias)), np.float32)
    inputs[0] = weights["movie_id.weight"][0] @ weight + bias
    inputs[1:] = movie_vectors[:, learned] @ weight
    inputs[1:] += weights[CENTRE][learned] @ weight + bias
    return {INPUTS: inputs}


class ServingModel:
    """User vectors, movie vectors and predicted stars of one model. Immutable and safe between threads."""

    def __init__(
        self,
        config: TwoTowerConfig,
        vocabulary: Vocabulary,
        weights: Mapping[str, Floats],
        movie_vectors: Floats,
        *,
        mean_stars: float,
        metrics: Mapping[str, Any],
        snapshot: Mapping[str, Any],
        checksum: str = "",
    ) -> None:
        """`weights` with those that are `derived`; `movie_vectors` are those of `vocabulary.movie_ids`, in
        that order. These and the weights in TABLES may be memory-mapped."""
        single_blas_thread()
        self.config = config
        self.vocabulary = vocabulary
        self.weights = weights
        self.matrix = movie_vectors
        self.mean_stars = mean_stars
        self.metrics = metrics
        self.snapshot = snapshot
        self.checksum = checksum
        self.dimension = config.dimension
        self._tower = UserTower(config, weights)
        # Of the tower alone: what remembered a method of this model would keep the model alive.
        self._state = lru_cache(REMEMBERED_STATES)(self._tower.state)

    @property
    def known_movie_ids(self) -> Ids:
        """IDs of the movies rated at training time, in the order of `matrix`."""
        return self.vocabulary.movie_ids

    def directions(self, vectors: Floats) -> Floats:
        """float32[n, 248]: what sets each of the movies with these vectors [n, 256] apart, at length 1.

        Their learned dimensions. The inner product of two directions says how alike two movies are; that of
        the vectors themselves says how popular both are, too.
        """
        apart = vectors[:, : self.config.learned_dimension]
        lengths = np.sqrt(np.square(apart).sum(axis=1, keepdims=True))
        return np.divide(apart, lengths, out=np.zeros_like(apart), where=lengths > NO_LENGTH)

    @cached_property
    def plane(self) -> Plane:
        """On which the directions of the movies are shown as a map; the same for all users."""
        return plane_of(self.directions(self.matrix[:: 1 + len(self.matrix) // MOVIES_OF_PLANE]))

    def user_vector(
        self, user: UserInput, *, horizon: Horizon = Horizon.WEEKS, now: int | None = None
    ) -> Floats:
        """float32[256] from whatever is known of the user; `now` in unix seconds, else the present.

        With ratings that count less than others, the mixture of the vectors of the history's layers.
        """
        moment = int(time.time()) if now is None else now
        vector = np.zeros(self.dimension, np.float32)
        for share, layer in user.layers():
            vector += share * self._vector(layer, horizon, moment)
        return vector

    def _vector(self, user: UserInput, horizon: Horizon, moment: int) -> Floats:
        vector = self._of_tower(user, horizon, moment)
        if horizon is Horizon.WEEKS:
            vector = self._shrunk(vector)
        return self._turned_away(vector, user.unfinished) if len(user.unfinished) else vector

    def _of_tower(self, user: UserInput, horizon: Horizon, moment: int | None) -> Floats:
        """A history's state is remembered: who has not rated since the last page costs nothing."""
        batch = history_batch(user, self.vocabulary, self.config.history_length)
        state = self._state(*(column[0].tobytes() for column in batch))
        return self._tower.vector(state, horizon, now_gap_row(user.timestamps, moment))

    def _shrunk(self, vector: Floats) -> Floats:
        """A part of the way from `vector` to that of somebody unknown (after James and Stein, 1961)."""
        share = np.float32(self.config.shrinkage)
        return vector + share * (self._unknown_person - vector)

    @cached_property
    def _unknown_person(self) -> Floats:
        """float32[256] what people like in the coming weeks, whoever they are."""
        return self._of_tower(UserInput(), Horizon.WEEKS, None)

    def _turned_away(self, vector: Floats, movie_ids: Ids) -> Floats:
        """`vector` less a part of the mean direction of these movies (Rocchio's negative feedback, 1971)."""
        vectors, known = self.stored_vectors(movie_ids)
        if not known.any():
            return vector
        learned = slice(self.config.learned_dimension)
        turned = vector.copy()
        length = np.linalg.norm(vector[learned])
        turned[learned] -= np.float32(AWAY) * length * self.directions(vectors[known]).mean(axis=0)
        return turned

    def movie_vectors(self, movies: Sequence[MovieInput]) -> Floats:
        """float32[n, 256] from IDs and features; a movie unknown at training time from features alone."""
        rows = self.vocabulary.movie_rows([movie.movie_id for movie in movies])
        content = movie_content(movies, self.vocabulary) @ self.weights["content.weight"]
        trends = trends_of_new_movies(movies, self.weights[UNRATED], int(self.snapshot["last_rated_at"]))
        vectors = np.concatenate([self.weights["movie_id.weight"][rows] + content, trends], axis=1)
        vectors -= self.weights[CENTRE]
        known, learned = rows != UNKNOWN, self.config.learned_dimension
        vectors[known, learned:] = self.matrix[rows[known] - 1, learned:]
        return vectors

    def stored_vectors(self, movie_ids: Ids) -> tuple[Floats, np.ndarray]:
        """(float32[n, 256], bool[n]): vectors as of training, and which of the movies have one."""
        rows = self.vocabulary.movie_rows(movie_ids)
        found = rows != UNKNOWN
        vectors = np.zeros((len(rows), self.dimension), np.float32)
        vectors[found] = self.matrix[rows[found] - 1]
        return vectors, found

    def predict_stars(self, user: UserInput, movie_ids: Ids, vectors: Floats | None = None) -> Floats:
        """float32[n] within 0.5 to 5; `vectors` of the movies, without them the stored ones."""
        factors, bias = self._star_factors(movie_ids, vectors)
        return self._expected(self._person(user), factors, bias)

    def predict_and_judge(
        self, user: UserInput, movie_ids: Ids, vectors: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Stars as by `predict_stars`, and float32[n], 0 to 1: how much the user's ratings settle each."""
        factors, bias = self._star_factors(movie_ids, vectors)
        person = self._person(user)
        return self._expected(person, factors, bias), person.known_share(factors)

    def _expected(self, person: Person, factors: Floats, bias: Floats) -> Floats:
        predicted = self.mean_stars + bias + factors @ person.factors
        return np.clip(predicted, LOWEST, HIGHEST).astype(np.float32)

    def movies_with_stars(self, user: UserInput, least: float) -> Ids:
        """IDs of the movies known at training time with predicted stars of `least` or more, most first."""
        predicted = self._expected(self._person(user), self._stars.factors[1:], self._stars.bias[1:])
        return self.known_movie_ids[np.argsort(-predicted)[: np.count_nonzero(predicted >= least)]]

    @cached_property
    def _stars(self) -> StarFactors:
        return StarFactors(*(self.weights[STARS + name] for name in StarFactors._fields))

    def _star_factors(self, movie_ids: Ids, vectors: Floats | None) -> tuple[Floats, Floats]:
        if vectors is None:
            vectors, _ = self.stored_vectors(movie_ids)
        return self._stars.of(
            self.vocabulary.movie_rows(movie_ids), vectors[:, : self.config.learned_dimension]
        )

    def _person(self, user: UserInput) -> Person:
        """The user's taste from the rated movies that the model knows."""
        rows = self.vocabulary.movie_rows(user.movie_ids)
        known = (rows != UNKNOWN) & (user.counts > 0)
        centred = user.stars[known] - np.float32(self.mean_stars)
        return person_of(self._stars, rows[known], centred, user.counts[known])
