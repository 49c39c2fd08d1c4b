"""What the processes of one training tell each other: the one place that knows `paddle.distributed`.

All of them take the same steps with the same weights; each computes a part of every step's gradient. A
training without other processes exchanges nothing and imports nothing.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray


class WorkersDisagree(RuntimeError):
    """The processes of a training do not have the same data, configuration, seed or checkpoint."""


@dataclass(frozen=True)
class Workers:
    """This process among those that train together. Each calls the same methods in the same order."""

    rank: int = 0
    size: int = 1

    @classmethod
    def launched(cls) -> "Workers":
        """Those that `python -m paddle.distributed.launch` started; without it this process alone."""
        if int(os.environ.get("PADDLE_TRAINERS_NUM", "1")) == 1:
            return cls()
        import paddle
        from paddle import distributed

        paddle.device.set_device("cpu")
        if not distributed.is_initialized():
            distributed.init_parallel_env()
        return cls(distributed.get_rank(), distributed.get_world_size())

    @property
    def leads(self) -> bool:
        """Whether this is the process that reports, writes checkpoints and saves the model."""
        return self.rank == 0

    def any(self, flag: bool) -> bool:
        """Whether it is true in any of the processes."""
        return flag if self.size == 1 else bool(self._sum(np.array([flag], np.float64))[0])

    def leading(self, number: float) -> float:
        """The number that the leading process has."""
        return number if self.size == 1 else float(self._of_leader(np.array([number], np.float64))[0])

    def text(self, text: str) -> str:
        """The text that the leading process has; what the others pass does not matter."""
        if self.size == 1:
            return text
        sent = np.frombuffer(text.encode(), np.uint8).astype(np.int64)
        length = int(self.leading(len(sent)))
        return bytes(self._of_leader(np.resize(sent, length)).astype(np.uint8)).decode()

    def same_weights(self, network: Any) -> None:
        """Gives every process the leading one's weights, whatever a processor of another make rounded."""
        if self.size == 1:
            return
        parameters = list(network.parameters())
        flat = self._of_leader(np.concatenate([p.numpy().ravel() for p in parameters]))
        for parameter, values in zip(parameters, _split(flat, parameters), strict=True):
            parameter.set_value(values)

    def sum_gradients(self, network: Any, loss: float) -> float:
        """Replaces each gradient by its sum over the processes, and returns the sum of their losses.

        One message: all gradients, then which parameters have one (a part without cuts has none for their
        head), then the loss. A parameter without gradient anywhere keeps none.
        """
        if self.size == 1:
            return loss
        parameters = network.trained()
        own = [np.zeros(p.shape, np.float32) if p.grad is None else p.grad.numpy() for p in parameters]
        known = np.array([p.grad is not None for p in parameters] + [loss], np.float32)
        flat = self._sum(np.concatenate([*(gradient.ravel() for gradient in own), known]))
        for parameter, values, count in zip(
            parameters, _split(flat, parameters), flat[-len(known) : -1], strict=True
        ):
            if count:
                _set_gradient(parameter, values)
        return float(flat[-1])

    def check_same(self, text: str) -> None:
        """Raises WorkersDisagree unless all processes pass the same text."""
        if self.size == 1:
            return
        number = float(int.from_bytes(sha256(text.encode()).digest()[:6]))  # exact in 53 bits
        if self.any(number != self.leading(number)):
            raise WorkersDisagree(
                "the processes do not have the same ratings, configuration, seed and checkpoint"
            )

    def _sum(self, array: NDArray) -> NDArray:
        import paddle
        from paddle import distributed

        tensor = paddle.to_tensor(array)
        distributed.all_reduce(tensor)
        return tensor.numpy()

    def _of_leader(self, array: NDArray) -> NDArray:
        import paddle
        from paddle import distributed

        tensor = paddle.to_tensor(array)
        distributed.broadcast(tensor, src=0)
        return tensor.numpy()


ALONE = Workers()


def _split(flat: NDArray, parameters: list[Any]) -> list[NDArray]:
    """The front of a flat array in the shapes of the parameters."""
    sizes = [int(np.prod(parameter.shape)) for parameter in parameters]
    pieces = np.split(flat, np.cumsum(sizes))
    return [piece.reshape(p.shape) for piece, p in zip(pieces, parameters, strict=False)]


def _set_gradient(parameter: Any, values: NDArray) -> None:
    import paddle

    if parameter.grad is None:
        parameter.grad = paddle.to_tensor(values)
    else:
        parameter.grad.set_value(paddle.to_tensor(values))
