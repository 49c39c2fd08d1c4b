"""The numpy kernels as Paddle operations with gradients."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import paddle
from paddle.autograd import PyLayer

from .block import BlockRun, BlockWeights, Masks
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


def sampled_softmax_loss(
    users: Any,
    movies: Any,
    targets: Targets,
    sampler: NegativeSampler,
    generator: np.random.Generator,
    trends: TrendTerm | None = None,
) -> Any:
    """Scalar tensor: `softmax.sampled_softmax`; of several targets of a position one is drawn."""
    chosen = targets.one_of_each(generator)
    negatives = sampler.draw(generator)
    return _apply(
        _CatalogueLoss,
        users,
        movies,
        lambda u, m: sampled_softmax(u, m, chosen, targets.weights, negatives, sampler.log_expected, trends),
    )
