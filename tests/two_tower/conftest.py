import pytest

from recommendations.two_tower.artifact import TrainedModel
from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.train import train

from .synthetic import QUICK, fans


@pytest.fixture(scope="session")
def data() -> TrainingData:
    return fans()


@pytest.fixture(scope="session")
def trained(data: TrainingData) -> TrainedModel:
    return train(data, QUICK, seed=7)
