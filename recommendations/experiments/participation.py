"""What a served list is to the experiment that runs: which arm it belongs to, counted as it is served."""

import uuid
from typing import NamedTuple

from catalog.models import User
from recommendations.experiments.arms import assignment_of, running_experiment
from recommendations.experiments.assignment import is_shadowed
from recommendations.experiments.metrics import LISTS, OTHER, OWN, SECONDS
from recommendations.experiments.models import Arm, Experiment


class Participation(NamedTuple):
    experiment: Experiment | None = None
    arm: str = ""


NONE = Participation()


def participation(
    user: User | None, list_id: uuid.UUID, *, model_version: int | None, seconds: float
) -> Participation:
    """To which arm this list counts: the one that the person was assigned to, whoever answered.

    So an arm whose model fails is judged with its failures, and nobody drops out of it by them.
    """
    if user is None:
        return NONE
    if assignment := assignment_of(user):
        experiment, arm = assignment.experiment, assignment.arm
        own = experiment.challenger if arm == Arm.CHALLENGER else experiment.control
        LISTS.labels(arm.value, OWN if model_version == own else OTHER).inc()
        SECONDS.labels(arm.value).observe(seconds)
        return Participation(experiment, arm)
    return _shadowed(list_id)


def _shadowed(list_id: uuid.UUID) -> Participation:
    experiment = running_experiment()
    if experiment is None or experiment.mode != Experiment.Mode.SHADOW:
        return NONE
    shadowed = is_shadowed(list_id, share=experiment.share_of_one)
    return Participation(experiment, Arm.SHADOW) if shadowed else NONE
