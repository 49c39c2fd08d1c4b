"""How long the server takes for each page, on the site as it is set up: its database, model and index.

    python -m bench.pages [--runs 40] [--reader typical|busiest]

Each page is asked for in this process, without a network, by a visitor or a member; the first answers, which
load the model and compile templates, are not counted. The site's own environment variables apply. The CPU
time of this process (p50) tells more than the wall clock where other work runs beside.
"""

import argparse
import os
import platform
import sys
import time

import django
import numpy as np

BUDGET = 200.0  # milliseconds
WARM_UP = 3
PUBLIC = ["/", "/movies/", "/movies/?q=star", "/movies/?q=teminator", "/movies/suggestions/?q=teminator"]
PRIVATE = [
    "/",
    "/recommendations/",
    "/movies/",
    "/movies/?shown=unseen&order=best&ratings_min=50",
    "/movies/?order=predicted",
    "/accounts/taste/",
    "/accounts/ratings/",
    "/accounts/my-taste/",
    "/accounts/watchlist/",
    "/accounts/profile/",
]


def main() -> int:
    args = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "movierec.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    from catalog.models import Movie, Rating, User

    user, history = _reader(args.reader)
    print("command:", " ".join(sys.argv), "| machine:", os.cpu_count(), "cores,", platform.machine())
    print(
        f"data: {Rating.objects.count():,} ratings, {Movie.objects.count():,} movies,"
        f" {User.objects.count():,} users; the member has {history:,} ratings"
    )
    visitor, member = Client(), Client()
    member.force_login(user)
    movie = Movie.objects.visible().popular()[0].get_absolute_url()
    slow = 0
    print(f"{'page':60} {'p50 ms':>8} {'p95 ms':>8} {'CPU ms':>8} queries")
    for client, who, paths in ((visitor, "visitor", PUBLIC), (member, "member", PRIVATE)):
        for path in [*paths, movie]:
            slow += _measure(client, f"{who} {path}", path, args.runs) > BUDGET
    print(f"{slow} pages above {BUDGET:.0f} ms at the 95th percentile")
    return 1 if slow else 0


def _measure(client, name: str, path: str, runs: int) -> float:
    """Prints one line; the 95th percentile in milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(WARM_UP):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    number = len(queries)
    times, own = [], []
    for _ in range(runs):
        began, began_cpu = time.perf_counter(), time.process_time()
        client.get(path)
        times.append(1000 * (time.perf_counter() - began))
        own.append(1000 * (time.process_time() - began_cpu))
    middle, high = np.percentile(times, [50, 95])
    print(f"{name:60} {middle:8.1f} {high:8.1f} {np.median(own):8.1f} {number:7}", flush=True)
    return float(high)


def _reader(kind: str):
    """A user with a typical number of ratings, or with the most, and that number."""
    from django.db.models import Count

    from catalog.models import User

    users = User.objects.annotate(history=Count("ratings")).filter(history__gt=0).order_by("-history", "pk")
    user = users[0 if kind == "busiest" else users.count() // 2]
    return user, user.history


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--reader", choices=["typical", "busiest"], default="typical")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
