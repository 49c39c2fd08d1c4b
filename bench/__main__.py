"""All benchmarks of a data set, one after the other, each in a process of its own.

python -m bench [DATA]      DATA is a MovieLens folder; without it MOVIELENS, then ../shared/data/ml-100k
"""

import os
import subprocess
import sys
from pathlib import Path

SEEDS = ("0", "1", "2")
EXAMPLE = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "ml-100k"


def benchmarks(data: str) -> list[list[str]]:
    """The arguments of each benchmark, the quick ones first."""
    accuracy = [
        ["bench.accuracy", data, "--protocol", protocol, "--seed", seed]
        for protocol in ("leave-one-out", "temporal")
        for seed in SEEDS
    ]
    for first_of_protocol in accuracy[:: len(SEEDS)]:
        first_of_protocol.append("--baselines")
    return [["bench.imports", data], ["bench.training", data], ["bench.stars", data], *accuracy]


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
