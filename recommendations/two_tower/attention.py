"""Causal self-attention with a learned bias for each distance, and its gradient; numpy only.

The scores of a few histories at a time stay in the processor's cache, which is several times faster on a
CPU than operations that write every intermediate result of a whole batch to memory.
"""

import math

import numpy as np

from .data import Floats

MASKED = np.float32(-1e9)


def bias_matrix(distance_bias: Floats, length: int) -> Floats:
    """[heads, longest] by distance to [heads, length, length]; later positions are masked."""
    distances = np.arange(length)[:, None] - np.arange(length)[None, :]
    bias = distance_bias[:, np.maximum(distances, 0)]
    bias[:, distances < 0] = MASKED
    return np.ascontiguousarray(bias, np.float32)


def attend(packed: Floats, bias: Floats) -> tuple[Floats, Floats]:
    """Mixed values [histories, length, width], and the probabilities, which the gradient needs.

    `packed` is [histories, length, 3 * width]: queries, keys and values side by side; `bias` is that of
    `bias_matrix`.
    """
    queries, keys, values = _split_heads(packed, len(bias))
    weights = np.matmul(queries * _scale(queries), keys.swapaxes(2, 3))
    weights += bias
    weights -= weights.max(axis=3, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=3, keepdims=True)
    histories, length, triple = packed.shape
    mixed = np.empty((histories, length, triple // 3), np.float32)
    _by_head(mixed, len(bias))[:] = np.matmul(weights, values)
    return mixed, weights


def attend_gradients(
    packed: Floats, mixed: Floats, weights: Floats, gradient: Floats
) -> tuple[Floats, Floats]:
    """Gradients of `packed`, and of the bias matrix [heads, length, length] summed over the histories."""
    heads = weights.shape[1]
    packed_gradient = np.empty_like(packed)
    queries, keys, values = _split_heads(packed, heads)
    to_queries, to_keys, to_values = _split_heads(packed_gradient, heads)
    output = _by_head(gradient, heads)
    carried = _by_head(gradient * mixed, heads).sum(axis=3, keepdims=True)
    scores = np.matmul(output, values.swapaxes(2, 3))
    scores -= carried
    scores *= weights
    scale = _scale(queries)
    to_queries[:] = np.matmul(scores, keys) * scale
    to_keys[:] = np.matmul(scores.swapaxes(2, 3), queries) * scale
    to_values[:] = np.matmul(weights.swapaxes(2, 3), output)
    return packed_gradient, scores.sum(axis=0)


def by_distance(matrices: Floats, longest: int) -> Floats:
    """Sums [heads, length, length] along the diagonals to [heads, longest]."""
    length = matrices.shape[1]
    distances = np.maximum(np.arange(length)[:, None] - np.arange(length)[None, :], 0).ravel()
    below = np.tril(np.ones((length, length), bool)).ravel()
    rows = [np.bincount(distances[below], head.ravel()[below], longest) for head in matrices]
    return np.stack(rows).astype(np.float32)


def _scale(queries: Floats) -> np.float32:
    return np.float32(1 / math.sqrt(queries.shape[-1]))


def _by_head(x: Floats, heads: int) -> Floats:
    """[histories, length, width] to a view [histories, heads, length, width / heads]."""
    return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


def _split_heads(packed: Floats, heads: int) -> tuple[Floats, Floats, Floats]:
    """[histories, length, 3 * width] to views [histories, heads, length, width / heads] of the three."""
    parts = packed.reshape(*packed.shape[:2], 3, heads, -1).transpose(2, 0, 3, 1, 4)
    return parts[0], parts[1], parts[2]
