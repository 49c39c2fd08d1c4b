"""The training loss of one batch: the next movie, and the movies liked in the coming weeks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import paddle

from .batches import Cuts, TrainingBatch
from .config import Horizon, TwoTowerConfig
from .data import Floats, Ids
from .kernels import full_softmax_loss, sampled_softmax_loss
from .network import Dropout, TwoTowerNetwork
from .softmax import NegativeSampler, Targets, TrendTerm
from .trends import TREND_DIMENSIONS


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
        states = network.states(inputs, table, dropout).reshape([-1, config.width])
        next_states = paddle.gather(states, paddle.to_tensor(batch.positions))
        users = self._user_vectors(network, states, next_states, batch.cuts)
        return self._ranking_loss(users, table, batch, generator)

    def _user_vectors(self, network: TwoTowerNetwork, states: Any, next_states: Any, cuts: Cuts) -> Any:
        """[positions, dimension] of the next horizon, whose trends count nothing, then of weeks."""
        following = network.user_vectors(next_states, Horizon.NEXT)
        padding = paddle.zeros([len(following), TREND_DIMENSIONS])
        padded = paddle.concat([following, padding], axis=1)
        if not len(cuts.positions):
            return padded
        cut_states = paddle.gather(states, paddle.to_tensor(cuts.positions))
        return paddle.concat([padded, network.user_vectors(cut_states, Horizon.WEEKS, cuts.gaps)])

    def _ranking_loss(
        self, users: Any, table: Any, batch: TrainingBatch, generator: np.random.Generator
    ) -> Any:
        targets = _all_targets(batch, self.config)
        untimed = np.full(len(batch.next_rows), -1)
        trends = TrendTerm(self.trend_table, np.concatenate([untimed, batch.cuts.moments]))
        if self.sampler is None:
            return full_softmax_loss(users, table, targets, trends, batch.seen)
        return sampled_softmax_loss(users, table, targets, trends, self.sampler, generator)


def _all_targets(batch: TrainingBatch, config: TwoTowerConfig) -> Targets:
    """Next ratings, then cuts; each of the two groups weighs as much as it has to in all."""
    n, cuts = len(batch.next_rows), batch.cuts.targets
    next_weights = np.full(n, 1 / max(1, n), np.float32)
    cut_weights = cuts.weights * np.float32(config.weeks_weight / max(1e-6, cuts.weights.sum()))
    return Targets(
        np.concatenate([np.arange(n), n + cuts.starts]),
        np.concatenate([batch.next_rows, cuts.rows]),
        np.concatenate([np.ones(n, np.float32), cuts.shares]),
        np.concatenate([next_weights, cut_weights]),
    )


def hide_users(users: Ids, config: TwoTowerConfig, generator: np.random.Generator) -> Ids:
    """The user rows with many IDs and some demographics unknown, so that newcomers fare well too."""
    rates = np.full(users.shape[1], config.demographics_dropout)
    rates[0] = config.user_id_dropout
    return np.where(generator.random(users.shape) < rates, 0, users)


def _hidden(rows: int, config: TwoTowerConfig, generator: np.random.Generator) -> Ids | None:
    if config.movie_id_dropout == 0:
        return None
    return np.flatnonzero(generator.random(rows) < config.movie_id_dropout)
