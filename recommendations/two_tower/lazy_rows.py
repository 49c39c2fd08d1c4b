"""Movie embeddings of large catalogues: a step reads some rows and changes those alone.

A row's moments and its decay advance only in steps that read it, as in TensorFlow's LazyAdam; with all rows
read in every step this is AdamW. The average of a row catches up when the row is next read, which is exact:
until then its weights stand still. A step costs by the rows that it reads and not by the catalogue.
"""

from typing import Any

import numpy as np
import paddle

from .data import Floats, Ids, blocks

BETA1, BETA2, EPSILON = 0.9, 0.98, 1e-8
SMALLEST_DECAY = 1e-30
AVERAGED_ROWS = 10_000  # that are brought up to date at a time


class LazyRows:
    """A table [rows, width], called with row numbers like an embedding layer."""

    def __init__(self, rows: int, width: int, deviation: float, weight_decay: float) -> None:
        self.weight_decay = weight_decay
        self.moments = [np.zeros((rows, width), np.float32) for _ in range(2)]
        self.load(paddle.normal(0.0, deviation, [rows, width]).numpy())

    def load(self, weight: Floats) -> None:
        self.weight = np.array(weight, np.float32)
        self.average = self.weight.copy()
        self._log_decay = 0.0  # of all averagings so far
        self._caught_up = np.zeros(
            len(weight)
        )  # the same when each row's average was last brought up to date

    def read(self, rows: Ids) -> None:
        """Begins a step that reads these rows, in rising order."""
        self.rows = rows
        self.values = paddle.to_tensor(self.weight[rows], stop_gradient=False)

    def __call__(self, asked: Any) -> Any:
        """[..., width] of rows that the step reads."""
        rows = asked.numpy()
        places = paddle.to_tensor(np.searchsorted(self.rows, rows.ravel()))
        return paddle.gather(self.values, places).reshape([*rows.shape, self.weight.shape[1]])

    def update(self, learning_rate: float, step: int) -> None:
        """Ends the `step`-th step, counted from 1, by the gradient of what it read (AdamW, Loshchilov and
        Hutter 2019)."""
        if self.values.grad is None:
            return
        rows, gradient = self.rows, self.values.grad.numpy()
        self._catch_up(rows)
        first, second = self.moments
        first[rows] = BETA1 * first[rows] + (1 - BETA1) * gradient
        second[rows] = BETA2 * second[rows] + (1 - BETA2) * gradient**2
        mean, square = first[rows] / (1 - BETA1**step), second[rows] / (1 - BETA2**step)
        kept = 1 - learning_rate * self.weight_decay
        self.weight[rows] = kept * self.weight[rows] - learning_rate * mean / (np.sqrt(square) + EPSILON)

    def add_to_average(self, decay: float) -> None:
        """Moves the average towards the weights: decay * average + (1 - decay) * weights."""
        self._log_decay += float(np.log(max(decay, SMALLEST_DECAY)))

    def averaged(self) -> Floats:
        for block in blocks(len(self.weight), AVERAGED_ROWS):
            self._catch_up(block)
        return self.average

    def _catch_up(self, rows: Ids | slice) -> None:
        share = 1 - np.exp(self._log_decay - self._caught_up[rows]).astype(np.float32)[:, None]
        self.average[rows] += share * (self.weight[rows] - self.average[rows])
        self._caught_up[rows] = self._log_decay
