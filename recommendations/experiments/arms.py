"""Which model answers a person: control's, or while an experiment runs the challenger's for its share.

Whoever has no account is always in control. Where the challenger's model or collection fails, control
answers, and that is counted: nobody sees a fault for the sake of an experiment.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser

from catalog.models import User
from recommendations.experiments.assignment import arm_of
from recommendations.experiments.metrics import FAULTS
from recommendations.experiments.models import Arm, Experiment
from recommendations.live_model import (
    LOOK_UP_SECONDS,
    LiveModel,
    NoActiveModel,
    live_model,
    model_beside,
    release_model_beside,
)
from recommendations.vector_index import VectorIndexInvalid, VectorIndexUnavailable

logger = logging.getLogger(__name__)

# A ValueError is what a broken model gives: vectors of another shape, numbers that are not finite.
CHALLENGER_FAULTS = (NoActiveModel, VectorIndexInvalid, VectorIndexUnavailable, ValueError)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Assignment:
    experiment: Experiment
    arm: Arm


_lock = threading.Lock()
_running: Experiment | None = None
_looked_up = float("-inf")


def running_experiment() -> Experiment | None:
    """The experiment that this process takes part in; looked up every LOOK_UP_SECONDS, one query."""
    global _running, _looked_up
    with _lock:
        if time.monotonic() - _looked_up > LOOK_UP_SECONDS:
            before, _running = _running, Experiment.objects.running().first()
            _looked_up = time.monotonic()
            if _running is None or _running != before:
                release_model_beside()
        return _running


def forget_experiment() -> None:
    """Look again at the next call; for the process that has just changed something."""
    global _looked_up
    _looked_up = float("-inf")


def assignment_of(user: User | AnonymousUser | None) -> Assignment | None:
    """The experiment that this person is in, and their arm; None outside of A/B experiments."""
    if user is None or user.pk is None:
        return None
    experiment = running_experiment()
    if experiment is None or experiment.mode != Experiment.Mode.AB or not _is_sound(experiment):
        return None
    return Assignment(experiment, arm_of(experiment.pk, user.pk, share=experiment.share_of_one))


def answer_in_arm(user: User | AnonymousUser | None, compute: Callable[[LiveModel], Answer]) -> Answer:
    """What `compute` makes of the model of the person's arm.

    Raises NoActiveModel, VectorIndexUnavailable where control's cannot answer either.
    """
    assignment = assignment_of(user)
    if assignment and assignment.arm == Arm.CHALLENGER:
        try:
            return compute(model_beside(assignment.experiment.challenger_collection))
        except CHALLENGER_FAULTS as error:
            FAULTS.labels(type(error).__name__).inc()
            logger.warning("%s: control answers instead: %s", assignment.experiment, error)
    return compute(live_model())


def model_for(user: User | AnonymousUser | None) -> LiveModel:
    """The model of the person's arm, for what needs no search. Raises as `answer_in_arm`."""
    return answer_in_arm(user, lambda live: live)


def _is_sound(experiment: Experiment) -> bool:
    """Whether control still is what is live; if not, everybody gets what is, until that is recorded."""
    try:
        return live_model().version == experiment.control
    except (NoActiveModel, VectorIndexUnavailable):
        return True
