"""Version 1 is live, version 2 is another model; both in the same Milvus."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from catalog.models import User
from recommendations.experiments.assignment import arm_of
from recommendations.experiments.lifecycle import prepare, start_experiment
from recommendations.experiments.models import Arm, Experiment
from recommendations.live_model import release_model_beside
from recommendations.models import ModelVersion
from tests import world


@pytest.fixture
def challenger(live: ModelVersion) -> ModelVersion:
    release_model_beside()
    return world.register_version(2, other=True)


@pytest.fixture
def running(challenger: ModelVersion) -> Experiment:
    """Half of the people get version 2."""
    return run(challenger)


@pytest.fixture
def shadow(challenger: ModelVersion) -> Experiment:
    """Every list is computed with both."""
    return run(challenger, mode="shadow", share=Decimal(100))


def run(challenger: ModelVersion, *, mode: str = "ab", share: Decimal = Decimal(50)) -> Experiment:
    experiment = start_experiment(challenger, share=share, mode=mode, started_by="Ada")
    prepare(experiment)
    return experiment


@pytest.fixture
def fan_in(stored: None) -> Callable[[Experiment, Arm], User]:
    """`fan_in(experiment, Arm.CHALLENGER)`: somebody with ratings who is in this arm."""

    def find(experiment: Experiment, arm: Arm) -> User:
        people = User.objects.filter(username__startswith="fan").order_by("pk")
        share = experiment.share_of_one
        return next(user for user in people if arm_of(experiment.pk, user.pk, share=share) == arm)

    return find
