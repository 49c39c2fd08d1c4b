"""The training loss of one batch: the next movie, and the movies liked in the coming weeks."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import paddle

from .batches import TrainingBatch
from .config import Horizon, TwoTowerConfig
from .data import Floats, Ids
from .kernels import Sample, full_softmax_loss, sampled_softmax_loss
from .network import Dropout, TwoTowerNetwork
from .parallel import ALONE, Workers
from .parts import Part, part_of
from .softmax import NegativeSampler, Targets, TrendTerm
from .vocabulary import UNKNOWN


@dataclass(frozen=True)
class Objective:
    """What is constant over the steps of a training."""

    config: TwoTowerConfig
    content: Floats  # [movie rows, content width]; row 0 is zero
    trend_table: Floats  # [moments, movie rows, trend dimensions]
    sampler: NegativeSampler | None  # None: softmax over the whole catalogue

    def loss(
        self,
        network: TwoTowerNetwork,
        batch: TrainingBatch,
        generator: np.random.Generator,
        workers: Workers = ALONE,
        masks: np.random.Generator | None = None,
    ) -> Any:
        """Scalar tensor: mean loss of the next horizon + weight * that of weeks.

        With several workers it is this one's part of that sum, without a gradient if that part is empty. They
        must pass generators in the same state, and `masks` of their own for dropout.
        """
        config = self.config
        dropout = Dropout(masks or generator, config.dropout) if config.dropout else None
        step = self._step_of(batch, generator)
        network.read(step.rows)
        hidden = _hidden(len(step.rows), config, generator)
        table = network.movie_table(step.content, step.rows, hidden)
        inputs = batch.histories._replace(users=hide_users(batch.histories.users, config, generator))
        part = part_of(replace(batch, histories=inputs), workers.rank, workers.size)
        if not len(part.histories.movies):
            return paddle.zeros([])
        places = step.places(part.histories.movies)
        states = network.states(part.histories, table, places, dropout).reshape([-1, config.state_dimension])
        following = self._loss_of_next(network, states, table, step, part)
        if not len(part.cuts):
            return following
        return following + self._loss_of_weeks(network, states, table, step, part)

    def _loss_of_next(
        self, network: TwoTowerNetwork, states: Any, table: Any, step: "_Step", part: Part
    ) -> Any:
        batch, own = step.batch, part.following
        if not len(own):
            return paddle.zeros([])
        targets = _next_targets(batch).of(own)
        asked = paddle.gather(states, paddle.to_tensor(part.positions))
        if step.following is None:
            seen = None if batch.seen is None else batch.seen.of(own)
            return full_softmax_loss(*network.next_sides(asked, table), targets, seen=seen)
        users = network.user_vectors(asked, Horizon.NEXT)
        return sampled_softmax_loss(users, table, targets.weights, step.following.of(own))

    def _loss_of_weeks(
        self, network: TwoTowerNetwork, states: Any, table: Any, step: "_Step", part: Part
    ) -> Any:
        batch, own = step.batch, part.cuts
        cuts = batch.cuts
        asked = paddle.gather(states, paddle.to_tensor(part.cut_positions))
        users = network.user_vectors(asked, Horizon.WEEKS, cuts.gaps[own])
        total = max(1e-6, float(cuts.targets.weights.sum()))
        targets = cuts.targets.of(own)
        weights = targets.weights * np.float32(self.config.weeks_weight / total)
        trends = TrendTerm(step.trend_table, cuts.moments[own])
        if step.weeks is None:
            seen = None if batch.seen is None else batch.seen.of(len(batch.next_rows) + own)
            return full_softmax_loss(users, table, replace(targets, weights=weights), trends, seen)
        return sampled_softmax_loss(users, table, weights, step.weeks.of(own), trends)

    def _step_of(self, batch: TrainingBatch, generator: np.random.Generator) -> "_Step":
        """With samples drawn for the whole batch, so that all workers draw the same."""
        if self.sampler is None:
            rows = np.arange(len(self.content))
            return _Step(batch, rows, self.content, self.trend_table)
        following = Sample.draw(_next_targets(batch), self.sampler, generator)
        weeks = Sample.draw(batch.cuts.targets, self.sampler, generator)
        drawn = (following.chosen, following.negatives, weeks.chosen, weeks.negatives)
        rows = np.unique(np.concatenate([[UNKNOWN], batch.histories.movies.ravel(), *drawn]))
        return _Step(
            batch,
            rows,
            self.content[rows],
            self.trend_table[:, rows],
            following.among(rows),
            weeks.among(rows),
        )


@dataclass(frozen=True)
class _Step:
    """A batch with the movies that it reads: all of them, or with samples those of histories and samples."""

    batch: TrainingBatch
    rows: Ids  # [m], rising
    content: Floats  # [m, content width]
    trend_table: Floats  # [moments, m, trend dimensions]
    following: Sample | None = None  # movies are places among the rows
    weeks: Sample | None = None

    def places(self, movies: Ids) -> Ids:
        """Where movie rows are among the step's."""
        return movies if self.following is None else np.searchsorted(self.rows, movies)


def _next_targets(batch: TrainingBatch) -> Targets:
    n = len(batch.next_rows)
    return Targets.single(batch.next_rows, np.full(n, 1 / max(1, n), np.float32))


def hide_users(users: Ids, config: TwoTowerConfig, generator: np.random.Generator) -> Ids:
    """The user rows with many IDs and some demographics unknown, so that newcomers fare well too."""
    rates = np.full(users.shape[1], config.demographics_dropout)
    rates[0] = config.user_id_dropout
    return np.where(generator.random(users.shape) < rates, 0, users)


def _hidden(rows: int, config: TwoTowerConfig, generator: np.random.Generator) -> Ids | None:
    if config.movie_id_dropout == 0:
        return None
    return np.flatnonzero(generator.random(rows) < config.movie_id_dropout)
