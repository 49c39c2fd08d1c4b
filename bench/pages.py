"""How long the server takes for each page, beside the target of 200 ms.

    python -m bench.pages [DATA] [--runs 40] [--reader typical|busiest] [--epochs 1]

With DATA, a MovieLens folder, on a site of its own, which is made the first time (var/bench-site); without,
on the site as it is set up, by its environment variables. Each page is asked for in this process, without a
network, by a visitor or a member; the first answers, which load the model and compile templates, are not
counted. The CPU time of this process (p50) tells more than the wall clock where other work runs beside.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import django
import numpy as np

from bench.own_site import own_site
from bench.record import begin

BUDGET = 200.0  # milliseconds at the 95th percentile
WARM_UP = 3
PUBLIC = [
    "/",
    "/movies/",
    "/movies/?q=star",
    "/movies/?q=teminator",
    "/movies/suggestions/?q=teminator",
    "/movies/?genre=comedy&year_min=1980&order=best",
    "{movie}",
    "/accounts/login/",
    "/accounts/signup/",
]
PRIVATE = [
    "/",
    "/recommendations/",
    "/recommendations/?genre=comedy&year_min=1980&diversity=50",
    "/recommendations/?min_predicted_rating=4&obscurity=80",
    "/recommendations/?limit=100",
    "/recommendations/{pick}/why/",
    "/recommendations/less-used/",
    "/movies/",
    "/movies/?shown=unseen&order=best&ratings_min=50",
    "/movies/?order=predicted",
    "{movie}",
    "/accounts/taste/",
    "/accounts/ratings/",
    "/accounts/my-taste/",
    "/accounts/watchlist/",
    "/accounts/import/",
    "/accounts/profile/",
    "/together/",
    "/together/{group}/",
]


def main() -> int:
    args = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "movierec.settings")
    with own_site(args.data, epochs=args.epochs) if args.data else nullcontext():
        django.setup()
        record = begin("pages", args.data or Path("site"), seed=0, name=args.reader)
        record.values = measured(runs=args.runs, reader=args.reader)
    if record.values["fallbacks"]:
        print(f"not kept: {record.values['fallbacks']} lists were of popular movies, as no model answered")
        return 1
    record.save()
    slow = sum(page["p95"] > BUDGET for page in record.values["pages"])
    print(f"{slow} pages above {BUDGET:.0f} ms at the 95th percentile")
    return 1 if slow else 0


def measured(*, runs: int, reader: str) -> dict[str, object]:
    """A line printed and kept for each page; the data measured on."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from catalog.models import Movie, Rating, User
    from recommendations.models import ServedList

    began = timezone.now()
    settings.ALLOWED_HOSTS = ["testserver"]
    user, history = _reader(reader)
    counts = {
        "ratings": Rating.objects.count(),
        "movies": Movie.objects.count(),
        "users": User.objects.count(),
    }
    print(
        ", ".join(f"{number:,} {name}" for name, number in counts.items()), f"| the member rated {history:,}"
    )
    visitor, member = Client(), Client()
    member.force_login(user)
    pages = []
    print(f"{'page':72} {'p50 ms':>8} {'p95 ms':>8} {'CPU ms':>8} queries  {BUDGET:.0f} ms")
    with _places(user) as places:
        for client, who, paths in ((visitor, "visitor", PUBLIC), (member, "member", PRIVATE)):
            for path in paths:
                pages.append({"who": who, "path": path, **_measure(client, path.format(**places), runs)})
                _print(pages[-1])
    lists = ServedList.objects.filter(user=user, created_at__gte=began)
    fallbacks = lists.exclude(source=ServedList.Source.PERSONAL).count()
    return {
        "reader": reader,
        "fallbacks": fallbacks,
        "history": history,
        "runs": runs,
        **counts,
        "pages": pages,
    }


@contextmanager
def _places(user) -> Iterator[dict[str, object]]:
    """What stands for the names in the paths; a group of four is made, and deleted at the end."""
    from catalog.models import Membership, Movie, User
    from catalog.watch_groups import create_group
    from recommendations.serving import ListRequest, recommend

    group = create_group(user, name="bench.pages")
    others = User.objects.filter(ratings__isnull=False).exclude(pk=user.pk).distinct().order_by("pk")[:3]
    Membership.objects.bulk_create([Membership(group=group, user=other) for other in others])
    try:
        yield {
            "movie": Movie.objects.visible().popular()[0].get_absolute_url(),
            "pick": recommend(user, ListRequest(limit=1), store=False).results[0].movie.id,
            "group": group.pk,
        }
    finally:
        group.delete()


def _measure(client, path: str, runs: int) -> dict[str, float]:
    """Milliseconds and queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(WARM_UP):
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"not measured: {path} answers {answer.status_code}")
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
    timed = {"p50": middle, "p95": high, "cpu": np.median(own)}
    return {name: round(float(value), 1) for name, value in timed.items()} | {"queries": number}


def _print(page: dict[str, object]) -> None:
    name = f"{page['who']} {page['path']}"
    verdict = "kept" if page["p95"] <= BUDGET else "MISSED"
    print(
        f"{name:72} {page['p50']:8} {page['p95']:8} {page['cpu']:8} {page['queries']:7}  {verdict}",
        flush=True,
    )


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
    parser.add_argument("data", nargs="?", type=Path, help="a MovieLens folder (default: the site as it is)")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--reader", choices=["typical", "busiest"], default="typical")
    parser.add_argument("--epochs", type=int, default=1, help="of the model of a site of its own")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
