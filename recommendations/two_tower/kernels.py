"""The numpy kernels as Paddle operations with gradients."""

from typing import Any

import numpy as np
import paddle
from paddle.autograd import PyLayer

from .attention import causal_attention, causal_attention_gradients
from .softmax import (
    LossAndGradients,
    NegativeSampler,
    SeenMovies,
    Targets,
    TrendTerm,
    full_softmax,
    sampled_softmax,
)


class _CausalAttention(PyLayer):
    """Tensors [batch, length, 3 * width] and [heads, longest] to [batch, length, width]."""

    @staticmethod
    def forward(ctx: Any, packed: Any, distance_bias: Any) -> Any:
        inputs, bias = packed.numpy(), distance_bias.numpy()
        mixed, probabilities = causal_attention(inputs, bias)
        ctx.kept = inputs, mixed, probabilities, bias.shape[1]
        return paddle.to_tensor(mixed)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, Any]:
        inputs, mixed, probabilities, longest = ctx.kept
        gradients = causal_attention_gradients(inputs, mixed, probabilities, gradient.numpy(), longest)
        return paddle.to_tensor(gradients.queries_keys_values), paddle.to_tensor(gradients.distance_bias)


def causal_attention_layer(packed: Any, distance_bias: Any) -> Any:
    """`attention.causal_attention` on tensors, with gradients."""
    return _apply(_CausalAttention, packed, distance_bias)


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
    users: Any, movies: Any, targets: Targets, trends: TrendTerm, seen: SeenMovies | None = None
) -> Any:
    """Scalar tensor: `softmax.full_softmax` with gradients for both towers."""
    return _apply(_CatalogueLoss, users, movies, lambda u, m: full_softmax(u, m, targets, trends, seen))


def sampled_softmax_loss(
    users: Any,
    movies: Any,
    targets: Targets,
    trends: TrendTerm,
    sampler: NegativeSampler,
    generator: np.random.Generator,
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
