"""What a training run tells of itself while it works, kept in its row: progress, loss curve, log."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db import Error
from django.utils import timezone

from recommendations.leases import drop_broken_connection
from recommendations.models import TrainingRun

logger = logging.getLogger(__name__)

State = TrainingRun.State
SAVE_SECONDS = 2.0
MOST_POINTS = 400  # of the curve; then every second one goes
Report = Callable[[dict[str, Any]], None]  # fields of two_tower.train.Progress


class RunJournal:
    """Saves every few seconds. A database that restarts costs some lines, not the hours of the training."""

    def __init__(self, run: TrainingRun, report: Report) -> None:
        self.run, self.report = run, report
        self.losses: list[float] = []
        self.saved_at = 0.0
        self.metric: float | None = None

    def note(self, text: str) -> None:
        """Add a line to the log."""
        logger.info("training run %s: %s", self.run.pk, text)
        self.run.log += f"{timezone.now():%Y-%m-%d %H:%M:%S} {text}\n"
        self._save("log")

    def record(self, progress: Any) -> None:
        """Keep a `two_tower.train.Progress`, and pass it on at once."""
        fields = asdict(progress)
        self.report(fields)
        self.losses.append(progress.loss)
        self.run.progress = fields
        if progress.metric != self.metric:
            self.metric = progress.metric
            self.note(f"after epoch {progress.epoch - 1}: nDCG@10 {progress.metric:.4f}")
        if time.monotonic() - self.saved_at >= SAVE_SECONDS:
            self.saved_at = time.monotonic()
            self._add_point(progress)
            self._save("progress", "curve")

    def _add_point(self, progress: Any) -> None:
        mean = sum(self.losses) / len(self.losses)
        self.losses.clear()
        self.run.curve.append([progress.step, round(mean, 5), progress.metric])
        if len(self.run.curve) > MOST_POINTS:
            self.run.curve = self.run.curve[::2]

    def _save(self, *names: str) -> None:
        values = {name: getattr(self.run, name) for name in names}
        try:
            drop_broken_connection()
            row = TrainingRun.objects.filter(pk=self.run.pk)
            row.update(**values, heartbeat_at=timezone.now())
            # While the database was away for longer than the lease lasts, the run was taken for lost.
            row.filter(state=State.QUEUED).update(state=State.RUNNING)
        except Error as error:
            logger.warning("the journal of %s was not saved: %s", self.run, error)
