"""Time and memory to equal accuracy, beside a SASRec in PyTorch of the same width, depth and length.

    python -m bench.sasrec DATA [--seed 0] [--limit 900] [--losses softmax bce] [--set KEY=VALUE ...]

DATA is a MovieLens folder. Needs .venv-sasrec (`make .venv-sasrec/installed`). Both read the leave-one-out
training part without what a training of the towers holds out by itself, and are asked for the next movie of
the same held-out users among all movies: nDCG@10 after each epoch. The towers' seconds are those of the whole
training, with its other horizon and its evaluations; SASRec's are of its epochs alone. --limit stops each
SASRec after so many seconds; it stops by itself after ten evaluations without a better one. One after the
other on the same machine, SASRec first, so that the machine should do nothing else.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench import record
from bench.accuracy import configuration, show
from bench.movielens import read_movielens
from recommendations.two_tower.config import TwoTowerConfig
from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.splits import leave_one_out
from recommendations.two_tower.train import train
from recommendations.two_tower.validation import Validation, hold_out

PYTHON = record.PROJECT / ".venv-sasrec" / "bin" / "python"
SCRIPT = record.PROJECT / "bench" / "sasrec_torch.py"
BCE_EVERY = 5  # epochs between evaluations: it needs many
TOWERS = "two towers"

Curve = list[dict[str, float]]  # "seconds" and "ndcg@10", rising in time


def main() -> int:
    args = _arguments()
    if not PYTHON.exists():
        print("bench.sasrec: make .venv-sasrec/installed first", file=sys.stderr)
        return 2
    data, _ = read_movielens(args.data)
    kept = record.begin("sasrec", args.data, seed=args.seed, name="-".join(args.set))
    config = configuration(args.set)
    known = leave_one_out(data, for_validation=True).before
    trained, validation = hold_out(known, config)
    if validation is None:
        print("bench.sasrec: too few users to hold any out", file=sys.stderr)
        return 2
    runs: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder) / "questions.npz"
        write_questions(trained, validation, questions)
        for loss in args.losses:
            runs[f"SASRec, {loss}"] = run_sasrec(questions, loss, config, args)
    model = train(known, config, seed=args.seed, on_progress=show)
    curve = [{**entry, "ndcg@10": entry["next_ndcg@10"]} for entry in model.metrics["log"]]
    runs[TOWERS] = {"curve": curve, "peak_gib": record.peak_gib()}
    kept.values = {"runs": runs, "equal": equal_accuracy(runs), "users": len(validation.questions)}
    for row in kept.values["equal"]:
        print(json.dumps(row))
    print(kept.save())
    return 0


def write_questions(data: TrainingData, validation: Validation, path: Path) -> None:
    """What is trained on as movie rows from 1, user by user, and the next movie of each held-out user.

    A next movie that nobody else has rated counts as a miss for both and is not asked.
    """
    candidates = validation.candidates
    ids, starts, _ = data.bounds()
    known = set(candidates.tolist())
    asked = [question for question in validation.questions if question.next_movie in known]
    np.savez(
        path,
        movies=np.searchsorted(candidates, data.movie_ids) + 1,
        edges=starts[1:],
        askers=np.searchsorted(ids, [question.user.user_id for question in asked]),
        wanted=np.searchsorted(candidates, [question.next_movie for question in asked]) + 1,
        movie_count=len(candidates),
        question_count=len(validation.questions),
    )


def run_sasrec(
    questions: Path, loss: str, config: TwoTowerConfig, args: argparse.Namespace
) -> dict[str, Any]:
    """Its curve and peak memory, in its own virtual environment."""
    command = [PYTHON, SCRIPT, questions, "--loss", loss, "--seed", args.seed, "--limit", args.limit]
    command += ["--width", config.width, "--layers", config.layers, "--heads", config.heads]
    command += ["--length", config.history_length + 1, "--every", BCE_EVERY if loss == "bce" else 1]
    command += ["--batch", args.batch, "--threads", args.threads]
    lines = []
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(loss, line.strip(), flush=True)
            lines.append(json.loads(line))
    if process.returncode:
        raise SystemExit(f"bench.sasrec: SASRec ended with status {process.returncode}")
    return {"curve": lines[:-1], **lines[-1]}


def equal_accuracy(runs: dict[str, Any]) -> list[dict[str, Any]]:
    """For each SASRec its best nDCG@10, its seconds to that, and the towers' seconds to at least as much.

    Where the towers never get there, the other way round: the towers' best, and when SASRec had it.
    """
    towers = runs[TOWERS]
    rows = []
    for name, run in runs.items():
        if name == TOWERS or not run["curve"]:
            continue
        level = min(best(run["curve"]), best(towers["curve"]))
        seconds, other = first_at(run["curve"], level), first_at(towers["curve"], level)
        rows.append(
            {
                "beside": name,
                "ndcg@10": level,
                "seconds": seconds,
                "towers_seconds": other,
                "time_share": other / seconds,
                "peak_gib": run["peak_gib"],
                "towers_peak_gib": towers["peak_gib"],
                "memory_share": towers["peak_gib"] / run["peak_gib"],
            }
        )
    return rows


def best(curve: Curve) -> float:
    return max(entry["ndcg@10"] for entry in curve)


def first_at(curve: Curve, level: float) -> float:
    """Seconds when the curve first has the level, which it must have."""
    return next(entry["seconds"] for entry in curve if entry["ndcg@10"] >= level)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=900, help="seconds of training for each SASRec")
    parser.add_argument("--losses", nargs="+", choices=["softmax", "bce"], default=["softmax", "bce"])
    parser.add_argument("--batch", type=int, default=128, help="users in a step of SASRec")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
