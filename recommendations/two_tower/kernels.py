"""The numpy kernels as Paddle operations with gradients."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import paddle
from paddle.autograd import PyLayer

from .block import BlockRun, BlockWeights, Masks
from .data import Floats, Ids
from .products import product
from .softmax import (
    LossAndGradients,
    NegativeSampler,
    SeenMovies,
    Targets,
    TrendTerm,
    full_softmax,
    sampled_softmax,
)


class _Block(PyLayer):
    """A transformer block on [batch, length, width] whose weights are the other inputs."""

    @staticmethod
    def forward(ctx: Any, x: Any, masks: Masks | None, *weights: Any) -> Any:
        ctx.run = BlockRun(x.numpy(), BlockWeights(*(weight.numpy() for weight in weights)), masks)
        return paddle.to_tensor(ctx.run.result)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, ...]:
        inner, weights = ctx.run.gradients(gradient.numpy())
        return paddle.to_tensor(inner), *(paddle.to_tensor(weight) for weight in weights)


def transformer_block(x: Any, masks: Masks | None, weights: Iterable[Any]) -> Any:
    """`block.BlockRun` on tensors, with gradients; weights in the order of `BlockWeights`."""
    return _apply(_Block, x, masks, *weights)


def _apply(operation: Any, *inputs: Any) -> Any:
    return operation.apply(*inputs)


class _Product(PyLayer):
    """A matrix product, three times faster than Paddle's own on processors that are not Intel's."""

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any) -> Any:
        ctx.constant = isinstance(x, np.ndarray)
        ctx.x, ctx.weight = x if ctx.constant else x.numpy(), weight.numpy()
        return paddle.to_tensor(product(ctx.x, ctx.weight))

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        outer = gradient.numpy()
        to_weight = paddle.to_tensor(product(ctx.x.T, outer))
        return to_weight if ctx.constant else (paddle.to_tensor(product(outer, ctx.weight.T)), to_weight)


def matrix_product(x: Any, weight: Any) -> Any:
    """`products.product` with gradients; `x` may be an array, which is constant."""
    return _apply(_Product, x, weight)


class _CatalogueLoss(PyLayer):
    """A loss of user vectors against movie vectors whose gradients come with it."""

    @staticmethod
    def forward(ctx: Any, users: Any, movies: Any, compute: Any) -> Any:
        result: LossAndGradients = compute(users.numpy(), movies.numpy())
        ctx.gradients = result
        return paddle.to_tensor(np.float32(result.loss))

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, Any]:
        factor = float(gradient)
        gradients = ctx.gradients
        if factor != 1.0:
            gradients.user_gradient[:] *= factor
            gradients.movie_gradient[:] *= factor
        return paddle.to_tensor(gradients.user_gradient), paddle.to_tensor(gradients.movie_gradient)


def full_softmax_loss(
    users: Any,
    movies: Any,
    targets: Targets,
    trends: TrendTerm | None = None,
    seen: SeenMovies | None = None,
) -> Any:
    """Scalar tensor: `softmax.full_softmax` with gradients for both towers."""
    return _apply(_CatalogueLoss, users, movies, lambda u, m: full_softmax(u, m, targets, trends, seen))


class Sample(NamedTuple):
    """What a step drew: one movie of each position's targets, and negatives for all positions."""

    chosen: Ids  # [positions]
    negatives: Ids
    log_expected: Floats  # `NegativeSampler.log_expected`

    @classmethod
    def draw(cls, targets: Targets, sampler: NegativeSampler, generator: np.random.Generator) -> "Sample":
        return cls(targets.one_of_each(generator), sampler.draw(generator), sampler.log_expected)

    def of(self, positions: Ids) -> "Sample":
        """Those of some positions."""
        return self._replace(chosen=self.chosen[positions])

    def among(self, rows: Ids) -> "Sample":
        """With movies as places among these rows, which are in rising order and have all of them."""
        chosen, negatives = (np.searchsorted(rows, movies) for movies in (self.chosen, self.negatives))
        return Sample(chosen, negatives, self.log_expected[rows])


def sampled_softmax_loss(
    users: Any, movies: Any, weights: Floats, sample: Sample, trends: TrendTerm | None = None
) -> Any:
    """Scalar tensor: `softmax.sampled_softmax` with `weights` [positions]."""
    return _apply(
        _CatalogueLoss,
        users,
        movies,
        lambda u, m: sampled_softmax(
            u, m, sample.chosen, weights, sample.negatives, sample.log_expected, trends
        ),
    )
