"""train_model: train the two towers on the catalogue's ratings and register the version."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from catalog.management.logged import LoggedCommand
from recommendations.joint_training import join_training
from recommendations.management.terminal import Progress, one_line_errors
from recommendations.models import TrainingRun
from recommendations.run_queue import create_run, recover_lost_runs, resume_interrupted
from recommendations.training import execute_run
from recommendations.two_tower.config import ConfigInvalid
from recommendations.two_tower.parallel import Workers

MAX_SEED = 2**63 - 1


class Command(LoggedCommand):
    help = "Train a model version on all ratings; an interrupted training goes on where it stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--epochs", type=int, metavar="N", help="so many passes over the ratings")
        parser.add_argument("--config", type=Path, metavar="FILE", help="hyperparameters as JSON")
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="0 unless given")
        parser.add_argument(
            "--warm-start", action="store_true", help="go on from the live version's weights: quicker"
        )
        parser.add_argument("--promote", action="store_true", help="make the version live if the gate agrees")

    def handle(self, *args: Any, **options: Any) -> None:
        workers = Workers.launched()
        if not workers.leads:
            join_training(workers)
            return
        if not 0 <= options["seed"] <= MAX_SEED:
            raise CommandError(f"--seed must be from 0 to {MAX_SEED}")
        config = read_config(options["config"], options["epochs"])
        with one_line_errors(), Progress("training") as progress:
            run = self._run(config, options)
            version = execute_run(run, report=lambda fields: progress(*_state(fields)), workers=workers)
        self.stdout.write(f"{version} is trained: {_summary(version.metrics)}")

    def _run(self, config: dict[str, Any], options: dict[str, Any]) -> TrainingRun:
        """The run of these options that was cut short, or a new one."""
        wanted = {"config": config} | {name: options[name] for name in ("seed", "promote", "warm_start")}
        lost = [r for r in recover_lost_runs() if all(getattr(r, n) == of for n, of in wanted.items())]
        if run := next(iter(lost), None) or resume_interrupted(**wanted):
            self.stderr.write(f"going on with {run}")
            return run
        try:
            return create_run(**wanted)
        except ConfigInvalid as error:
            raise CommandError(str(error)) from error


def read_config(path: Path | None, epochs: int | None) -> dict[str, Any]:
    """Hyperparameters that differ from the defaults. Raises CommandError if the file cannot be used."""
    config: dict[str, Any] = {}
    if path is not None:
        try:
            config = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise CommandError(f"{path}: {error}") from error
        if not isinstance(config, dict):
            raise CommandError(f"{path}: not a JSON object")
    return config if epochs is None else config | {"epochs": epochs}


def _state(fields: dict[str, Any]) -> tuple[int, int, str]:
    note = f"epoch {fields['epoch']}/{fields['epochs']}, loss {fields['loss']:.3f}"
    if fields["metric"] is not None:
        note += f", nDCG@10 {fields['metric']:.3f}"
    return (
        fields["step"],
        max(fields["steps"], fields["step"]),
        note + f", {fields['eta_seconds']:.0f} s left",
    )


def _summary(metrics: dict[str, Any]) -> str:
    held_out = metrics.get("held_out", {})
    if "ndcg@10" not in held_out:
        return "too few users to hold any out"
    return (
        f"nDCG@10 {held_out['ndcg@10']:.4f} on held-out ratings of {held_out['users']} users, "
        f"popularity {held_out['popularity_ndcg@10']:.4f}, {metrics['seconds']:.0f} s"
    )
