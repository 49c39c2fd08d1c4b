"""Causal self-attention with a learned bias for each distance, and its gradient; numpy only.

One history at a time keeps the scores of all heads in the processor's cache, which is several times
faster on a CPU than batched operations that write every intermediate result to memory.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from .data import Floats

MASKED = np.float32(-1e9)
PARTS = 2  # of a batch, computed side by side; fixed, so that sums do not depend on the machine

_pool = ThreadPoolExecutor(PARTS, "attention")
_Result = TypeVar("_Result")


class AttentionGradients(NamedTuple):
    queries_keys_values: Floats
    distance_bias: Floats


def bias_matrix(distance_bias: Floats, length: int) -> Floats:
    """[heads, longest] by distance to [heads, length, length]; later positions are masked."""
    distances = np.arange(length)[:, None] - np.arange(length)[None, :]
    bias = distance_bias[:, np.maximum(distances, 0)]
    bias[:, distances < 0] = MASKED
    return np.ascontiguousarray(bias, np.float32)


def causal_attention(packed: Floats, distance_bias: Floats) -> tuple[Floats, Floats]:
    """Mixed values float32[batch, length, width], and the probabilities that the gradient needs.

    `packed` is [batch, length, 3 * width]: queries, keys and values side by side.
    """
    batch, length, triple = packed.shape
    heads = len(distance_bias)
    bias = bias_matrix(distance_bias, length)
    mixed = np.empty((batch, length, triple // 3), np.float32)
    probabilities = np.empty((batch, heads, length, length), np.float32)

    def attend(i: int) -> None:
        queries, keys, values = _split_heads(packed[i], heads)
        weights = probabilities[i]
        np.matmul(queries * _scale(queries), keys.transpose(0, 2, 1), out=weights)
        weights += bias
        weights -= weights.max(axis=2, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=2, keepdims=True)
        mixed[i].reshape(length, heads, -1)[:] = np.matmul(weights, values).transpose(1, 0, 2)

    def part(histories: range) -> None:
        for i in histories:
            attend(i)

    _in_parts(batch, part)
    return mixed, probabilities


def causal_attention_gradients(
    packed: Floats, mixed: Floats, probabilities: Floats, gradient: Floats, longest: int
) -> AttentionGradients:
    """Gradients of `causal_attention` given that of its result; `longest` is the bias table's length."""
    batch, length, _ = packed.shape
    heads = probabilities.shape[1]
    packed_gradient = np.empty_like(packed)

    def go_back(i: int, bias_gradient: Floats) -> None:
        queries, keys, values = _split_heads(packed[i], heads)
        to_queries, to_keys, to_values = _split_heads(packed_gradient[i], heads)
        output = np.ascontiguousarray(gradient[i].reshape(length, heads, -1).transpose(1, 0, 2))
        carried = (gradient[i] * mixed[i]).reshape(length, heads, -1).sum(axis=2).T
        scores = np.matmul(output, values.transpose(0, 2, 1))
        scores -= carried[:, :, None]
        scores *= probabilities[i]
        bias_gradient += scores
        scale = _scale(queries)
        to_queries[:] = np.matmul(scores, keys) * scale
        to_keys[:] = np.matmul(scores.transpose(0, 2, 1), queries) * scale
        to_values[:] = np.matmul(probabilities[i].transpose(0, 2, 1), output)

    def part(histories: range) -> Floats:
        bias_gradient = np.zeros((heads, length, length), np.float32)
        for i in histories:
            go_back(i, bias_gradient)
        return bias_gradient

    bias_gradients = _in_parts(batch, part)
    return AttentionGradients(packed_gradient, _by_distance(np.sum(bias_gradients, axis=0), longest))


def _in_parts(batch: int, work: Callable[[range], _Result]) -> list[_Result]:
    return list(_pool.map(work, [range(part, batch, PARTS) for part in range(PARTS)]))


def _scale(queries: Floats) -> np.float32:
    return np.float32(1 / math.sqrt(queries.shape[-1]))


def _split_heads(packed: Floats, heads: int) -> tuple[Floats, Floats, Floats]:
    """[length, 3 * width] to views [heads, length, width / heads] of queries, keys and values."""
    parts = packed.reshape(len(packed), 3, heads, -1).transpose(1, 2, 0, 3)
    return parts[0], parts[1], parts[2]


def _by_distance(matrices: Floats, longest: int) -> Floats:
    """Sums [heads, length, length] along the diagonals to [heads, longest]."""
    heads, length, _ = matrices.shape
    distances = np.maximum(np.arange(length)[:, None] - np.arange(length)[None, :], 0).ravel()
    below = np.tril(np.ones((length, length), bool)).ravel()
    rows = [np.bincount(distances[below], head.ravel()[below], longest) for head in matrices]
    return np.stack(rows).astype(np.float32).reshape(heads, longest)
