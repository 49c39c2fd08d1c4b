"""All benchmarks of a data set, one after the other, each in a process of its own; then tables and plots.

python -m bench [DATA]      DATA is a MovieLens folder; without it MOVIELENS, then ../shared/data/ml-100k
"""

import os
import subprocess
import sys
from pathlib import Path

from bench.record import PROJECT

SEEDS = ("0", "1", "2")
EXAMPLE = PROJECT.parent / "shared" / "data" / "ml-100k"


def benchmarks(data: str) -> list[list[str]]:
    """The arguments of each benchmark, the quick ones first."""
    quick = [
        ["bench.imports", data],
        ["bench.baselines", data],
        *(["bench.stars", data, "--seed", seed] for seed in SEEDS),
    ]
    accuracy = [["bench.accuracy", data, "--seed", seed] for seed in SEEDS]
    long = [["bench.cold", data], ["bench.sasrec", data], ["bench.ablations", data, "--seed", *SEEDS]]
    pages = [["bench.pages", data, "--reader", reader] for reader in ("typical", "busiest")]
    return [
        *quick,
        *pages,
        ["bench.training", data],
        ["bench.warm_start", data],
        *accuracy,
        *long,
        ["bench.report"],
        ["bench.plots"],
    ]


def main() -> int:
    data = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MOVIELENS", str(EXAMPLE))
    if not Path(data).is_dir():
        print(f"bench: {data} is not a folder; name a MovieLens folder", file=sys.stderr)
        return 2
    failed = 0
    for arguments in benchmarks(data):
        print("\n==", "python -m", *arguments, flush=True)
        failed += subprocess.run([sys.executable, "-m", *arguments], check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
