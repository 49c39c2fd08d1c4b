"""The user tower in numpy: histories to states, states to user vectors."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from .attention import bias_matrix
from .block import normalise
from .config import Horizon, TwoTowerConfig
from .data import Floats, Ids
from .trends import trend_scales

INPUTS = "movie_inputs"  # [movie rows, width]: what the user tower reads; row 0 for unknown movies


class UserTower:
    """Computes what `network` computes in Paddle. Immutable and safe between threads."""

    def __init__(self, config: TwoTowerConfig, weights: Mapping[str, Floats]) -> None:
        self.config = config
        self.weights = weights

    def state(self, *columns: bytes) -> Floats:
        """float32[state_dimension]: the transformer's state after the last rating, then the transitions'.

        From the columns of a `HistoryBatch` of one history, each as the bytes of its rows: what can be
        remembered by them.
        """
        users, movies, stars, gaps = (np.frombuffer(column, np.int64) for column in columns)
        start = self.weights["start"].copy()
        for i, row in enumerate(users):
            start += self.weights[f"user_features.{i}.weight"][row]
        rated = self.weights[INPUTS][movies]
        rated = rated + self.weights["star.weight"][stars] + self.weights["gap.weight"][gaps]
        x = np.concatenate([start[None], rated])
        for layer in range(self.config.layers):
            x = self._block(f"blocks.{layer}", x, last_only=layer == self.config.layers - 1)
        state = np.concatenate([self._norm("norm", x[-1]), self._transitions(movies)])
        state.flags.writeable = False
        return state

    def vector(self, state: Floats, horizon: Horizon, gap_row: int) -> Floats:
        """float32[256]: the horizon's head on a state."""
        head = f"heads.{horizon}"
        if horizon is Horizon.NEXT:
            vector = np.zeros(self.config.dimension, np.float32)  # trends do not count
            vector[: self.config.learned_dimension] = self._linear(f"{head}.out", state)
            return vector
        x = state[: self.config.width] + self.weights[f"{head}.now_gap.weight"][gap_row]
        hidden = np.maximum(self._linear(f"{head}.up", self._norm(f"{head}.norm", x)), 0)
        vector = self._linear(f"{head}.out", x + self._linear(f"{head}.down", hidden))
        return vector * trend_scales(self.config.learned_dimension)

    def _transitions(self, rows: Ids) -> Floats:
        latest = rows[::-1][: self.config.transition_window]
        shares = self.weights["transitions.share"][: len(latest), 0]
        return shares @ self.weights["transitions.movie.weight"][latest]

    def _block(self, name: str, x: Floats, *, last_only: bool) -> Floats:
        """One transformer block; with `last_only` just the last position, all that the result needs."""
        weights = self.weights
        width, heads = self.config.width, self.config.heads
        normed = self._norm(f"{name}.attention_norm", x)
        asked = normed[-1:] if last_only else normed
        packed, bias = weights[f"{name}.packed.weight"], weights[f"{name}.packed.bias"]
        queries = asked @ packed[:, :width] + bias[:width]
        keys_values = normed @ packed[:, width:] + bias[width:]
        split = (-1, heads, width // heads)
        q = queries.reshape(split).transpose(1, 0, 2)
        k, v = (part.reshape(split).transpose(1, 0, 2) for part in np.split(keys_values, 2, axis=1))
        scores = np.matmul(q * np.float32((width // heads) ** -0.5), k.transpose(0, 2, 1))
        scores += self._bias(name, len(x))[:, -len(asked) :]
        scores -= scores.max(axis=2, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=2, keepdims=True)
        mixed = np.matmul(scores, v).transpose(1, 0, 2).reshape(len(asked), width)
        x = x[-len(asked) :] + self._linear(f"{name}.mixed", mixed)
        hidden = np.maximum(self._linear(f"{name}.up", self._norm(f"{name}.perceptron_norm", x)), 0)
        return x + self._linear(f"{name}.down", hidden)

    @cached_property
    def _biases(self) -> dict[str, Floats]:
        longest = self.config.history_length + 1
        names = [f"blocks.{layer}" for layer in range(self.config.layers)]
        return {name: bias_matrix(self.weights[f"{name}.distance_bias"], longest) for name in names}

    def _bias(self, name: str, length: int) -> Floats:
        return self._biases[name][:, :length, :length]

    def _linear(self, name: str, x: Floats) -> Floats:
        return x @ self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _norm(self, name: str, x: Floats) -> Floats:
        normed, _ = normalise(x)
        normed *= self.weights[f"{name}.weight"]
        normed += self.weights[f"{name}.bias"]
        return normed
