"""Two hundred people at once, on MySQL, Redis and a Milvus server, for ten minutes: bench/locustfile.py.

    python -m bench.people DATA [--engines services] [--users 200] [--minutes 10] [--workers 2] [--seed 0]

DATA is a MovieLens folder. Sets up an installation as `bench.serving` does, starts its web server and locust
(a virtual environment of its own: `make .venv-locust/installed`) on the same machine. People rate, so the
installation's ratings change. Fails if any answer was an error.
"""

import argparse
import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import record
from bench.installation import EMBEDDED, SERVICES, Installation, Web, installed, running_web

LOCUST = record.PROJECT / ".venv-locust" / "bin" / "locust"
ARRIVING = 10  # people a second, until all are there
PREPARE = """
import sys, random
import django
django.setup()
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from catalog.models import Movie, User
from catalog.tokens import issue_token
users = list(User.objects.filter(is_active=True).order_by("pk"))
sessions, tokens = (open(path, "w") for path in sys.argv[1:3])
store = import_module(settings.SESSION_ENGINE).SessionStore
for user in random.Random(int(sys.argv[4])).sample(users, min(int(sys.argv[3]), len(users))):
    session = store()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    print(session.session_key, file=sessions)
    print(issue_token(user, scopes=["read", "write"])[1], file=tokens)
print(Movie.objects.visible().count())
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--engines", default=SERVICES, choices=[EMBEDDED, SERVICES])
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if not LOCUST.exists():
        print("bench.people: no locust here; make .venv-locust/installed", file=sys.stderr)
        return 2
    run = record.begin("people", args.data, seed=args.seed, name=args.engines)
    with (
        installed(args.engines, args.data) as installation,
        running_web(installation, workers=args.workers) as web,
    ):
        run.values["requests"] = rows = _asked(installation, web, args)
    own = {"engines": args.engines, "users": args.users, "minutes": args.minutes, "workers": args.workers}
    run.values |= own | {"load": record.machine()["load"]}
    for row in rows:
        print(
            "{name:32} {requests:7} {failures:4} errors  p50 {p50:6} p95 {p95:6} p99 {p99:6} ms".format(**row)
        )
    run.save()
    return 1 if rows[-1]["failures"] else 0


def _asked(installation: Installation, web: Web, args: argparse.Namespace) -> list[dict[str, Any]]:
    folder = installation.folder
    sessions, tokens, figures = folder / "sessions", folder / "tokens", folder / "locust"
    prepare = [sys.executable, "-c", PREPARE, sessions, tokens, args.users, args.seed]
    env = installation.environment
    done = subprocess.run(
        [*map(str, prepare)], cwd=record.PROJECT, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    command = [LOCUST, "--locustfile", record.PROJECT / "bench" / "locustfile.py", "--host", web.url]
    command += ["--headless", "--only-summary", "--csv", figures, "--users", args.users]
    command += ["--spawn-rate", ARRIVING, "--run-time", f"{round(60 * args.minutes)}s"]
    command += ["--exit-code-on-error", 0]
    own = {"SESSIONS": str(sessions), "TOKENS": str(tokens), "MOVIES": done.stdout.strip()}
    subprocess.run([*map(str, command)], env=env | own, stdout=subprocess.DEVNULL, check=True)
    with Path(f"{figures}_stats.csv").open(newline="") as file:
        return [_row(line) for line in csv.DictReader(file)]


def _row(line: dict[str, str]) -> dict[str, Any]:
    return {
        "name": line["Name"] if line["Name"] == "Aggregated" else f"{line['Type']} {line['Name']}",
        "requests": int(line["Request Count"]),
        "failures": int(line["Failure Count"]),
        "p50": round(float(line["50%"])),
        "p95": round(float(line["95%"])),
        "p99": round(float(line["99%"])),
        "a_second": round(float(line["Requests/s"]), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
