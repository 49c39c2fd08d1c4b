"""evaluate_model: the metrics of a configuration beside popularity and ItemKNN, by an honest split."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.evaluation import PROTOCOLS, Evaluation, evaluate, write_rankings
from recommendations.management.commands.train_model import read_config
from recommendations.management.terminal import Progress, find_version, one_line_errors
from recommendations.two_tower.config import ConfigInvalid, TwoTowerConfig

SHOWN = ("HR@10", "NDCG@10", "Recall@20", "HR@100", "movies_in_any_top_10")


class Command(BaseCommand):
    help = (
        "Train on the protocol's training part only, rank every test user through Milvus, and print the "
        "metrics beside popularity and ItemKNN. No model version is registered or changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--protocol", choices=PROTOCOLS, default="temporal")
        parser.add_argument(
            "--model-version", type=int, metavar="N", help="take the configuration and seed of version N"
        )
        parser.add_argument("--config", type=Path, metavar="FILE", help="hyperparameters as JSON")
        parser.add_argument("--epochs", type=int, metavar="N")
        parser.add_argument("--seed", type=int, metavar="N", help="0, or that of the version")
        parser.add_argument(
            "--rankings", type=Path, metavar="FILE", help="write user_id,rank,movie_id as CSV"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write metrics and details as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        config, seed = _configuration(options)
        for name in ("rankings", "report"):
            _check_writable(options[name])
        bars: dict[str, Progress] = {}
        with one_line_errors():
            evaluation = evaluate(
                options["protocol"],
                config,
                seed=seed,
                report=lambda label, *state: bars.setdefault(label, Progress(label))(*state),
            )
        self._print(evaluation)
        if options["rankings"]:
            write_rankings(options["rankings"], evaluation.rankings)
        if options["report"]:
            report = asdict(evaluation)
            del report["rankings"]
            options["report"].write_text(json.dumps(report, indent=1) + "\n")

    def _print(self, evaluation: Evaluation) -> None:
        users = int(evaluation.metrics["two towers"]["users"])
        details = evaluation.details
        self.stdout.write(
            f"{evaluation.protocol}: {users} users counted, {details['users_not_counted']} not; "
            f"{details['ratings_trained_on']:,} of {details['ratings']:,} ratings trained on; "
            f"seed {details['seed']}; seen movies ranked: {details['seen_movies_ranked']}"
        )
        self.stdout.write(f"{'':12}" + "".join(f"{name:>22}" for name in SHOWN))
        for model, metrics in evaluation.metrics.items():
            values = "".join(f"{metrics[name]:22.4f}" for name in SHOWN[:-1])
            self.stdout.write(f"{model:12}{values}{metrics[SHOWN[-1]]:22.0f}")


def _check_writable(path: Path | None) -> None:
    """Raises CommandError if `path` cannot be written, before the hour that the training takes."""
    if path is None:
        return
    try:
        path.open("a").close()
    except OSError as error:
        raise CommandError(str(error)) from error


def _configuration(options: dict[str, Any]) -> tuple[TwoTowerConfig, int]:
    """The configuration and the seed that the options ask for. Raises CommandError if it is no good."""
    values, seed = read_config(options["config"], options["epochs"]), options["seed"]
    if options["model_version"] is not None:
        version = find_version(options["model_version"])
        values, seed = {**version.config, **values}, version.seed if seed is None else seed
    try:
        return TwoTowerConfig.from_dict(values), seed or 0
    except ConfigInvalid as error:
        raise CommandError(str(error)) from error
