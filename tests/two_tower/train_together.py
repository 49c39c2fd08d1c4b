"""One of several processes that train together, started by Paddle's launcher: train_together.py FOLDER.

Leaves `full-RANK.npz`, `sampled-RANK.npz` and `dropout-RANK.npz` with the weights that each training ended
with, and the names of the errors that this process met in `errors-RANK.txt`.
"""

import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from recommendations.two_tower.parallel import Workers, WorkersDisagree
from recommendations.two_tower.train import TrainingStopped, train
from tests.two_tower.synthetic import QUICK, fans

# Twenty steps: in each epoch nine of nine histories and one of a single history, of which one of two
# processes has nothing.
USERS = 82
FULL = replace(
    QUICK, dropout=0.0, epochs=2, steps_per_epoch=1, batch_positions=225, validation_users=0, averaging=0.0
)
SAMPLED = replace(FULL, full_softmax_limit=10, negatives=32)
DROPOUT = replace(FULL, dropout=0.2)


def main(folder: Path) -> None:
    workers = Workers.launched()
    for name, config in {"full": FULL, "sampled": SAMPLED, "dropout": DROPOUT}.items():
        weights = train(fans(USERS), config, seed=7, workers=workers).weights
        np.savez(folder / f"{name}-{workers.rank}.npz", **weights)
    steps = count()
    errors = [
        _error_of(seed=7, workers=workers, should_stop=lambda: workers.rank == 1 and next(steps) == 3),
        _error_of(seed=workers.rank, workers=workers),
    ]
    (folder / f"errors-{workers.rank}.txt").write_text(" ".join(errors))


def _error_of(**options: Any) -> str:
    try:
        train(fans(USERS), FULL, **options)
    except (TrainingStopped, WorkersDisagree) as error:
        return type(error).__name__
    return "none"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
