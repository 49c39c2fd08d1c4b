"""Muon: gradients of hidden matrices are made orthogonal before they are followed (Jordan et al. 2024).

A step along the gradient's polar factor moves all directions of a matrix alike, where one along the gradient
moves the few that it is dominated by. Steps are scaled to twice the size of AdamW's, so that both share a
learning rate and a weight decay (after Liu et al. 2025, "Muon is scalable for LLM training").
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .data import Floats

MOMENTUM = np.float32(0.95)
ITERATIONS = 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # of the iteration; singular values come to lie between 0.7 and 1.2
STEP = 0.4  # root mean square of steps, over the learning rate; of AdamW's it is about 0.2


class HiddenMatrix(NamedTuple):
    parameter: Any  # a Paddle tensor [in, out]
    parts: int = 1  # matrices of their own, side by side


class Muon:
    def __init__(self, matrices: Mapping[str, HiddenMatrix], weight_decay: float) -> None:
        self.matrices = matrices
        self.weight_decay = np.float32(weight_decay)
        self.momenta = {name: np.zeros(m.parameter.shape, np.float32) for name, m in matrices.items()}

    def step(self, learning_rate: float) -> None:
        """Follows the gradients and clears them; a matrix without one stays as it is."""
        rate = np.float32(learning_rate)
        for name, (parameter, parts) in self.matrices.items():
            if parameter.grad is None:
                continue
            gradient, momentum = parameter.grad.numpy(), self.momenta[name]
            momentum += (1 - MOMENTUM) * (gradient - momentum)
            ahead = gradient + MOMENTUM * (momentum - gradient)  # as Nesterov's
            update = np.concatenate([_scaled(part) for part in np.split(ahead, parts, axis=1)], axis=1)
            parameter.set_value(parameter.numpy() * (1 - rate * self.weight_decay) - rate * update)
            parameter.clear_gradient()


def orthogonalised(matrix: Floats) -> Floats:
    """About U V' of a matrix's singular value decomposition U S V', by a Newton-Schulz iteration."""
    a, b, c = (np.float32(factor) for factor in QUINTIC)
    x: Floats = matrix / np.float32(np.linalg.norm(matrix) + 1e-7)
    x = x.T if len(matrix) > matrix.shape[1] else x
    for _ in range(ITERATIONS):
        gram: Floats = x @ x.T
        powers: Floats = b * gram + c * (gram @ gram)
        x = a * x + powers @ x
    return x.T if len(matrix) > matrix.shape[1] else x


def _scaled(gradient: Floats) -> Floats:
    return orthogonalised(gradient) * np.float32(STEP * max(gradient.shape) ** 0.5)
