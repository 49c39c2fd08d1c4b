"""The lists of all users ahead, `manage.py precompute_recommendations`: users a second.

    python -m bench.precompute DATA [--engines embedded services] [--seed 0]

DATA is a MovieLens folder; the installation is that of `bench.serving`. One process writes the lists of all
users; CPU seconds are its own, with its start, and leave out those of Milvus and the database.
"""

import sys
import tempfile
from pathlib import Path

from bench import record
from bench.installation import arguments_of, installed


def main() -> int:
    args = arguments_of(__doc__).parse_args()
    for engines in args.engines:
        run = record.begin("precompute", args.data, seed=args.seed, name=engines)
        with installed(engines, args.data) as installation, tempfile.TemporaryDirectory() as folder:
            used = installation.timed("precompute_recommendations", folder)
            users = sum(len(path.read_text().splitlines()) for path in Path(folder).iterdir())
        run.values = {"engines": engines, "users": users, **used._asdict()}
        print(f"{engines:9} {users:,} users {used.seconds:.1f} s {users / used.seconds:.0f} a second")
        run.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
