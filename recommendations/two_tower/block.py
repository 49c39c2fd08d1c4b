"""One block of the transformer over histories, with its gradient; numpy only.

    x = x + dropout(attention(norm(x)) W + b);  x = x + dropout(relu(norm(x) U + c) D + d)

A batch is worked through in groups of about 200 positions, whose intermediate results stay in the
processor's cache, by two threads. The parts are fixed, so that sums do not depend on the machine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from .attention import attend, attend_gradients, bias_matrix, by_distance
from .data import Floats
from .threads import PARTS, side_by_side

GROUP_POSITIONS = 200
EPSILON = np.float32(1e-5)

_Result = TypeVar("_Result")


class BlockWeights(NamedTuple):
    """Matrices are [in, out], as in Paddle."""

    attention_norm_weight: Floats
    attention_norm_bias: Floats
    packed_weight: Floats
    packed_bias: Floats
    distance_bias: Floats  # [heads, longest]
    mixed_weight: Floats
    mixed_bias: Floats
    perceptron_norm_weight: Floats
    perceptron_norm_bias: Floats
    up_weight: Floats
    up_bias: Floats
    down_weight: Floats
    down_bias: Floats


@dataclass(frozen=True)
class Masks:
    """Dropout of the block's two additions: bytes [batch, length, width], kept where not below the limit."""

    attention: NDArray[np.uint8]
    perceptron: NDArray[np.uint8]
    rate: float

    def apply(self, drawn: NDArray[np.uint8], x: Floats) -> None:
        x *= (drawn >= round(self.rate * 256)) * np.float32(1 / (1 - self.rate))


@dataclass
class _Kept:
    """What the gradient of one group of histories needs; norms are (normalised, 1 / deviation)."""

    first_norm: tuple[Floats, Floats]
    packed: Floats
    weights: Floats
    mixed: Floats
    second_norm: tuple[Floats, Floats]
    hidden: Floats


class BlockRun:
    """The block on one batch [batch, length, width]."""

    def __init__(self, x: Floats, weights: BlockWeights, masks: Masks | None) -> None:
        self.weights, self.masks = weights, masks
        self.shape = x.shape
        size = max(1, GROUP_POSITIONS // x.shape[1])
        self.groups = [slice(i, min(i + size, len(x))) for i in range(0, len(x), size)]
        self.kept: list[_Kept | None] = [None] * len(self.groups)
        self.result = np.empty_like(x)
        bias = bias_matrix(weights.distance_bias, x.shape[1])

        def run(numbers: range) -> None:
            for number in numbers:
                self._forward(x, number, bias)

        self._in_parts(run)

    def gradients(self, outer: Floats) -> tuple[Floats, BlockWeights]:
        """Gradients of x and of the weights, given that of the result. Once for each run."""
        inner = np.empty(self.shape, np.float32)

        def run(numbers: range) -> list[Floats]:
            length, heads = self.shape[1], len(self.weights.distance_bias)
            sums = [np.zeros_like(weight) for weight in self.weights]
            sums[DISTANCE_BIAS] = np.zeros((heads, length, length), np.float32)
            for number in numbers:
                group = self.groups[number]
                inner[group], parts = self._backward(outer[group], number)
                for total, part in zip(sums, parts, strict=True):
                    total += part
            return sums

        totals = [np.sum(parts, axis=0) for parts in zip(*self._in_parts(run), strict=True)]
        totals[DISTANCE_BIAS] = by_distance(totals[DISTANCE_BIAS], self.weights.distance_bias.shape[1])
        return inner, BlockWeights(*totals)

    def _in_parts(self, work: Callable[[range], _Result]) -> list[_Result]:
        return side_by_side(work, [range(part, len(self.groups), PARTS) for part in range(PARTS)])

    def _forward(self, x: Floats, number: int, bias: Floats) -> None:
        w, group = self.weights, self.groups[number]
        first_norm = normalise(x[group])
        normed = first_norm[0] * w.attention_norm_weight + w.attention_norm_bias
        packed = _linear(normed, w.packed_weight, w.packed_bias)
        mixed, weights = attend(packed, bias)
        middle = _linear(mixed, w.mixed_weight, w.mixed_bias)
        if self.masks:
            self.masks.apply(self.masks.attention[group], middle)
        middle += x[group]
        second_norm = normalise(middle)
        normed = second_norm[0] * w.perceptron_norm_weight + w.perceptron_norm_bias
        hidden = _linear(normed, w.up_weight, w.up_bias)
        np.maximum(hidden, 0, out=hidden)
        added = _linear(hidden, w.down_weight, w.down_bias)
        if self.masks:
            self.masks.apply(self.masks.perceptron[group], added)
        np.add(middle, added, out=self.result[group])
        self.kept[number] = _Kept(first_norm, packed, weights, mixed, second_norm, hidden)

    def _backward(self, outer: Floats, number: int) -> tuple[Floats, BlockWeights]:
        w, group, kept = self.weights, self.groups[number], self.kept[number]
        assert kept is not None, "gradients are computed once"  # noqa: S101
        self.kept[number] = None
        added = outer.copy()
        if self.masks:
            self.masks.apply(self.masks.perceptron[group], added)
        down_weight, down_bias, hidden = _linear_gradients(added, kept.hidden, w.down_weight)
        hidden *= kept.hidden > 0
        normed = kept.second_norm[0] * w.perceptron_norm_weight + w.perceptron_norm_bias
        up_weight, up_bias, normed = _linear_gradients(hidden, normed, w.up_weight)
        norm_weight, norm_bias, middle = _norm_gradients(normed, kept.second_norm, w.perceptron_norm_weight)
        middle += outer
        added = middle.copy()
        if self.masks:
            self.masks.apply(self.masks.attention[group], added)
        mixed_weight, mixed_bias, mixed = _linear_gradients(added, kept.mixed, w.mixed_weight)
        packed, bias = attend_gradients(kept.packed, kept.mixed, kept.weights, mixed)
        normed = kept.first_norm[0] * w.attention_norm_weight + w.attention_norm_bias
        packed_weight, packed_bias, normed = _linear_gradients(packed, normed, w.packed_weight)
        first_weight, first_bias, inner = _norm_gradients(normed, kept.first_norm, w.attention_norm_weight)
        inner += middle
        first = first_weight, first_bias, packed_weight, packed_bias, bias, mixed_weight, mixed_bias
        return inner, BlockWeights(*first, norm_weight, norm_bias, up_weight, up_bias, down_weight, down_bias)


DISTANCE_BIAS = BlockWeights._fields.index("distance_bias")


def _flat(x: Floats) -> Floats:
    return x.reshape(-1, x.shape[-1])


def _linear(x: Floats, weight: Floats, bias: Floats) -> Floats:
    result = (_flat(x) @ weight).reshape(*x.shape[:-1], -1)
    result += bias
    return result


def _linear_gradients(outer: Floats, x: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Gradients of weight, bias and x."""
    flat = _flat(outer)
    return _flat(x).T @ flat, flat.sum(axis=0), (flat @ weight.T).reshape(x.shape)


def normalise(x: Floats) -> tuple[Floats, Floats]:
    """Rows of mean 0 and deviation 1, and 1 / their deviation."""
    width = np.float32(x.shape[-1])
    centred: Floats = x - x.sum(axis=-1, keepdims=True) / width  # a mean of numpy takes twice as long
    scale = 1 / np.sqrt(np.vecdot(centred, centred)[..., None] / width + EPSILON)
    centred *= scale
    return centred, scale


def _norm_gradients(
    outer: Floats, norm: tuple[Floats, Floats], weight: Floats
) -> tuple[Floats, Floats, Floats]:
    """Gradients of weight, bias and what was normalised."""
    normed, scale = norm
    flat, width = _flat(outer), np.float32(outer.shape[-1])
    to_weight = np.einsum("pd,pd->d", flat, _flat(normed))
    inner = outer * weight
    along = np.einsum("...d,...d->...", inner, normed)[..., None] / width
    inner -= inner.mean(axis=-1, keepdims=True)
    inner -= normed * along
    inner *= scale
    return to_weight, flat.sum(axis=0), inner
