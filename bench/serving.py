"""A request for recommendations beside the bare search for the same candidates, in one run.

    python -m bench.serving URL [--clients 16] [--requests 1000] [--seed 0]

Measures the installation that the environment names (DATABASE_URL, MILVUS_URI, MODEL_DIR ...) with its live
model, through a web server of it that runs at URL, started as in the Procfile. Makes API tokens for the
users it asks as. No list is cached: each request computes its own.

* search: pymilvus' `search` with the users' own vectors, limit, output fields and consistency as in serving
* API: GET /api/v1/recommendations/, from the socket to the last byte
"""

import argparse
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np

ASKING = 500  # users; so many that no one of them meets the limit of requests a minute
OF_BENCHMARK = "bench.serving"
LIMIT = 50  # candidates that serving asks Milvus for, for a list of twenty

Ask = Callable[[int], None]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "movierec.settings")
    import django

    django.setup()
    print("command:", " ".join(sys.argv), "| seed:", args.seed)
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.platform()}")
    users = _users(args.seed)
    actions = {"search": _searches(users), "API": _requests(users, args.url)}
    for clients in (1, args.clients):
        for name, ask in actions.items():
            _measure(name, ask, clients=clients, requests=args.requests)


def _users(seed: int) -> list:  # of catalog.models.User
    from django.db.models import Count

    from catalog.models import User

    raters = list(User.objects.annotate(given=Count("ratings")).filter(given__gte=5).order_by("pk"))
    return random.Random(seed).sample(raters, min(ASKING, len(raters)))


def _searches(users: list) -> Ask:
    from recommendations import vector_index
    from recommendations.interactions import user_input
    from recommendations.live_model import live_model

    live = live_model()
    inputs = [user_input(user) for user in users]
    began = time.process_time()
    vectors = [live.model.user_vector(person) for person in inputs]
    each = 1e3 * (time.process_time() - began) / len(inputs)
    longest = np.median([len(person.movie_ids) for person in inputs])
    print(f"user vector: {each:.2f} ms of CPU, median history {longest:.0f}")

    def search(number: int) -> None:
        vector = vectors[number % len(vectors)]
        vector_index.search(live.collection, vector, limit=LIMIT, timeout=30.0)

    return search


def _requests(users: list, url: str) -> Ask:
    from catalog.models import AccessToken
    from catalog.tokens import issue_token, scopes_allowed

    AccessToken.objects.filter(user__in=users, name=OF_BENCHMARK).delete()
    tokens = [issue_token(user, scopes=scopes_allowed(user), name=OF_BENCHMARK)[1] for user in users]
    client = httpx.Client(base_url=url, timeout=30, limits=httpx.Limits(max_connections=64))

    def request(number: int) -> None:
        headers = {"Authorization": f"Token {tokens[number % len(tokens)]}"}
        answer = client.get("/api/v1/recommendations/", headers=headers).raise_for_status().json()
        if answer["source"] != "personal":
            raise RuntimeError(f"not measured: a {answer['source']} list ({answer['notice']})")

    return request


def _measure(name: str, ask: Ask, *, clients: int, requests: int) -> None:
    def timed(number: int) -> float:
        began = time.perf_counter()
        ask(number)
        return time.perf_counter() - began

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(timed, range(clients * 2)))  # connections are made, caches of code are warm
        began = time.perf_counter()
        seconds = list(pool.map(timed, range(requests)))
        wall = time.perf_counter() - began
    p50, p95, p99 = (1e3 * value for value in np.percentile(seconds, [50, 95, 99]))
    print(
        f"{name:7} {clients:3} clients: p50 {p50:7.1f} ms, p95 {p95:7.1f} ms, p99 {p99:7.1f} ms, "
        f"{requests / wall:7.1f} a second",
        flush=True,
    )


if __name__ == "__main__":
    main()
