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


@dataclass(frozen=True)
class Objective:
    """What is constant over the steps of a training."""

    config: TwoTowerConfig
    content: Any  # tensor [movie rows, content width]; row 0 is zero
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
        table = network.movie_table(self.content, _hidden(len(self.content), config, generator))
        inputs = batch.histories._replace(users=hide_users(batch.histories.users, config, generator))
        part = part_of(replace(batch, histories=inputs), workers.rank, workers.size)
        if not len(part.histories.movies):
            return paddle.zeros([])
        states = network.states(part.histories, table, dropout).reshape([-1, config.state_dimension])
        following = self._loss_of_next(network, states, table, batch, part, generator)
        if not len(part.cuts):
            return following
        return following + self._loss_of_weeks(network, states, table, batch, part, generator)

    def _loss_of_next(
        self,
        network: TwoTowerNetwork,
        states: Any,
        table: Any,
        batch: TrainingBatch,
        part: Part,
        generator: np.random.Generator,
    ) -> Any:
        n = len(batch.next_rows)
        targets = Targets.single(batch.next_rows, np.full(n, 1 / max(1, n), np.float32))
        sample = self._sample(targets, part.following, generator)
        targets = targets.of(part.following)
        if not len(part.following):
            return paddle.zeros([])
        asked = paddle.gather(states, paddle.to_tensor(part.positions))
        if sample is None:
            seen = None if batch.seen is None else batch.seen.of(part.following)
            return full_softmax_loss(*network.next_sides(asked, table), targets, seen=seen)
        users = network.user_vectors(asked, Horizon.NEXT)
        return sampled_softmax_loss(users, table, targets.weights, sample)

    def _loss_of_weeks(
        self,
        network: TwoTowerNetwork,
        states: Any,
        table: Any,
        batch: TrainingBatch,
        part: Part,
        generator: np.random.Generator,
    ) -> Any:
        cuts, own = batch.cuts, part.cuts
        sample = self._sample(cuts.targets, own, generator)
        asked = paddle.gather(states, paddle.to_tensor(part.cut_positions))
        users = network.user_vectors(asked, Horizon.WEEKS, cuts.gaps[own])
        total = max(1e-6, float(cuts.targets.weights.sum()))
        targets = cuts.targets.of(own)
        weights = targets.weights * np.float32(self.config.weeks_weight / total)
        trends = TrendTerm(self.trend_table, cuts.moments[own])
        if sample is None:
            seen = None if batch.seen is None else batch.seen.of(len(batch.next_rows) + own)
            return full_softmax_loss(users, table, replace(targets, weights=weights), trends, seen)
        return sampled_softmax_loss(users, table, weights, sample, trends)

    def _sample(self, targets: Targets, own: Ids, generator: np.random.Generator) -> Sample | None:
        """Drawn for the whole batch, so that all workers draw the same; None for the full softmax."""
        if self.sampler is None:
            return None
        sample = Sample.draw(targets, self.sampler, generator)
        return sample._replace(chosen=sample.chosen[own])


def hide_users(users: Ids, config: TwoTowerConfig, generator: np.random.Generator) -> Ids:
    """The user rows with many IDs and some demographics unknown, so that newcomers fare well too."""
    rates = np.full(users.shape[1], config.demographics_dropout)
    rates[0] = config.user_id_dropout
    return np.where(generator.random(users.shape) < rates, 0, users)


def _hidden(rows: int, config: TwoTowerConfig, generator: np.random.Generator) -> Ids | None:
    if config.movie_id_dropout == 0:
        return None
    return np.flatnonzero(generator.random(rows) < config.movie_id_dropout)
