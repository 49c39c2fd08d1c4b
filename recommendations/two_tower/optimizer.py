"""The towers' optimizer: Muon on hidden matrices, AdamW on all else; the weights' average; the state of all.

Embeddings, biases and norms have no directions that Muon could balance (docs/adr/0029).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import paddle

from .config import TwoTowerConfig
from .data import Floats
from .lazy_rows import BETA2
from .muon import Muon
from .network import TwoTowerNetwork

MOMENTS = ("moment1_0", "moment2_0")
MOMENTUM = ".momentum"
PARTS = (*MOMENTS, "beta1_pow_acc_0", "beta2_pow_acc_0")

Arrays = dict[str, Floats]


class Optimizer:
    def __init__(self, network: TwoTowerNetwork, config: TwoTowerConfig) -> None:
        self.network = network
        self.muon = Muon(network.hidden_matrices() if config.muon else {}, config.weight_decay)
        others = [p for name, p in network.named_parameters() if name not in self.muon.matrices]
        self.adamw = paddle.optimizer.AdamW(
            config.learning_rate, parameters=others, weight_decay=config.weight_decay,
            beta2=BETA2,
        )  # fmt: skip
        self.average = {name: p.numpy().copy() for name, p in network.named_parameters()}

    def step(self, learning_rate: float, number: int) -> None:
        """The `number`-th step, counted from 1, along the gradients that the network has."""
        self.adamw.set_lr(learning_rate)
        self.adamw.step()
        self.adamw.clear_grad()
        self.muon.step(learning_rate)
        for table in self.network.lazy_rows.values():
            table.update(learning_rate, number)

    def add_to_average(self, decay: float) -> None:
        """Moves the average towards the weights: decay * average + (1 - decay) * weights."""
        for name, parameter in self.network.named_parameters():
            average = self.average[name]
            average += np.float32(1 - decay) * (parameter.numpy() - average)
        for table in self.network.lazy_rows.values():
            table.add_to_average(decay)

    def averaged(self) -> Arrays:
        """The averages of all weights, which the next steps change."""
        return self.average | {name: table.averaged() for name, table in self.network.lazy_rows.items()}

    def state(self) -> dict[str, Arrays]:
        """All that later steps depend on, in groups of named arrays: "weights", "average", "optimizer".

        The moments are named by the network's own names of parameters, which last beyond the process.
        """
        stored = self.adamw.state_dict()
        optimizer = {name: stored[own].numpy() for name, own in self._names().items() if own in stored}
        optimizer |= {name + MOMENTUM: array.copy() for name, array in self.muon.momenta.items()}
        for name, table in self.network.lazy_rows.items():
            optimizer |= {f"{name}.{part}": m for part, m in zip(MOMENTS, table.moments, strict=True)}
        weights = {name: array.copy() for name, array in self.network.weights().items()}
        return {"weights": weights, "average": self.averaged(), "optimizer": optimizer}

    def load_state(self, state: Mapping[str, Arrays]) -> None:
        self.network.load(state["weights"])
        names, stored = self._names(), state.get("optimizer", {})
        self.adamw.set_state_dict(
            {names[name]: paddle.to_tensor(array) for name, array in stored.items() if name in names}
        )
        self.muon.momenta = {name: stored[name + MOMENTUM] for name in self.muon.momenta}
        self.average = {name: state["average"][name] for name in self.average}
        for name, table in self.network.lazy_rows.items():
            table.average = state["average"][name]
            table.moments = [stored[f"{name}.{part}"] for part in MOMENTS]

    def _names(self) -> dict[str, Any]:
        parameters = self.network.named_parameters()
        return {f"{name}.{part}": f"{p.name}_{part}" for name, p in parameters for part in PARTS}
