"""The training loss of one batch: the next movie, and the movies liked in the coming weeks."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import paddle

from .batches import TrainingBatch
from .config import Horizon, TwoTowerConfig
from .data import Floats, Ids
from .kernels import full_softmax_loss, sampled_softmax_loss
from .network import Dropout, TwoTowerNetwork
from .softmax import NegativeSampler, Targets, TrendTerm


@dataclass(frozen=True)
class Objective:
    """What is constant over the steps of a training."""

    config: TwoTowerConfig
    content: Any  # tensor [movie rows, content width]; row 0 is zero
    trend_table: Floats  # [moments, movie rows, trend dimensions]
    sampler: NegativeSampler | None  # None: softmax over the whole catalogue

    def loss(self, network: TwoTowerNetwork, batch: TrainingBatch, generator: np.random.Generator) -> Any:
        """Scalar tensor: mean loss of the next horizon + weight * that of weeks."""
        config = self.config
        dropout = Dropout(generator, config.dropout) if config.dropout else None
        table = network.movie_table(self.content, _hidden(len(self.content), config, generator))
        inputs = batch.histories._replace(users=hide_users(batch.histories.users, config, generator))
        states = network.states(inputs, table, dropout).reshape([-1, config.state_dimension])
        following = self._loss_of_next(network, states, table, batch, generator)
        if not len(batch.cuts.positions):
            return following
        return following + self._loss_of_weeks(network, states, table, batch, generator)

    def _loss_of_next(
        self,
        network: TwoTowerNetwork,
        states: Any,
        table: Any,
        batch: TrainingBatch,
        generator: np.random.Generator,
    ) -> Any:
        n = len(batch.next_rows)
        targets = Targets.single(batch.next_rows, np.full(n, 1 / max(1, n), np.float32))
        seen = None if batch.seen is None else batch.seen.part(0, n)
        asked = paddle.gather(states, paddle.to_tensor(batch.positions))
        if self.sampler is None:
            return full_softmax_loss(*network.next_sides(asked, table), targets, seen=seen)
        users = network.user_vectors(asked, Horizon.NEXT)
        return sampled_softmax_loss(users, table, targets, self.sampler, generator)

    def _loss_of_weeks(
        self,
        network: TwoTowerNetwork,
        states: Any,
        table: Any,
        batch: TrainingBatch,
        generator: np.random.Generator,
    ) -> Any:
        cuts, n = batch.cuts, len(batch.next_rows)
        asked = paddle.gather(states, paddle.to_tensor(cuts.positions))
        users = network.user_vectors(asked, Horizon.WEEKS, cuts.gaps)
        total = max(1e-6, float(cuts.targets.weights.sum()))
        weights = cuts.targets.weights * np.float32(self.config.weeks_weight / total)
        targets = replace(cuts.targets, weights=weights)
        trends = TrendTerm(self.trend_table, cuts.moments)
        if self.sampler is None:
            seen = None if batch.seen is None else batch.seen.part(n, n + len(cuts.positions))
            return full_softmax_loss(users, table, targets, trends, seen)
        return sampled_softmax_loss(users, table, targets, self.sampler, generator, trends)


def hide_users(users: Ids, config: TwoTowerConfig, generator: np.random.Generator) -> Ids:
    """The user rows with many IDs and some demographics unknown, so that newcomers fare well too."""
    rates = np.full(users.shape[1], config.demographics_dropout)
    rates[0] = config.user_id_dropout
    return np.where(generator.random(users.shape) < rates, 0, users)


def _hidden(rows: int, config: TwoTowerConfig, generator: np.random.Generator) -> Ids | None:
    if config.movie_id_dropout == 0:
        return None
    return np.flatnonzero(generator.random(rows) < config.movie_id_dropout)
