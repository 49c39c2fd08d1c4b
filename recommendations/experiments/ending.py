"""How an experiment ends: once, with who ended it, why, and what it had shown by then."""

from contextlib import suppress

from django.utils import timezone

from recommendations.experiments.arms import forget_experiment
from recommendations.experiments.models import Experiment
from recommendations.experiments.report import report

State = Experiment.State


class ExperimentEnded(Exception):
    """There is nothing left to stop or change; the message says how it ended."""


def stop(experiment: Experiment, *, stopped_by: str = "", reason: str = "") -> None:
    """Everybody is back in control within seconds. Raises ExperimentEnded."""
    end(experiment, State.STOPPED, ended_by=stopped_by, reason=reason)


def stop_active(reason: str) -> Experiment | None:
    """Stop the active experiment, if there is one, since the site no longer is what it compares."""
    experiment = Experiment.objects.active().first()
    if experiment is not None:
        with suppress(ExperimentEnded):  # by somebody else at this moment: as good
            stop(experiment, reason=reason)
    return experiment


def end(experiment: Experiment, state: str, *, ended_by: str = "", reason: str = "") -> None:
    """Write down the end and the figures, which the lists of it do not outlive. Raises ExperimentEnded."""
    figures = report(experiment) if experiment.started_at else {}
    ended = Experiment.objects.active().filter(pk=experiment.pk)
    changes = {"stopped_by": ended_by, "stopped_at": timezone.now(), "reason": reason, "result": figures}
    done = ended.update(state=state, is_active=None, **changes)
    experiment.refresh_from_db()
    forget_experiment()
    if not done:
        raise ExperimentEnded(f"{experiment} has ended: {experiment.get_state_display()}")
