"""The load of bench.serving: clients that share the machine of the installation; JSON on standard output.

    python -m bench.load URL PROCESS_IDS [--requests 400] [--clients 16] [--memory 2000] [--seed 0]

`bench.serving` starts it in the environment of the installation. What is compared takes turns in short
blocks, so that other work on the machine hits all alike. "API, again" are the users that "API" has just asked
for, of whom the worker remembers what it computed of their histories. PROCESS_IDS are those of the web
workers: the CPU they use is told besides the time that passes.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bench.asking import request
from bench.processes import cpu_seconds, files_mib, memory_mib

ASKING = 1_000  # users: each request is of another, as what is computed of a history is remembered
OF_BENCHMARK = "bench.serving"
BLOCKS = 10
HISTORY = 200  # ratings of which the user vector is timed
RATED_MOVIES = 100
VISITS, WARMING = 60, 5  # of each page
LISTS = "/api/v1/recommendations/"

Ask = Callable[[int], None]
Result = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("process_ids")
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--memory", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    import django

    django.setup()
    workers = [int(word) for word in args.process_ids.split(",")]
    json.dump(measure(args.url, workers, args), sys.stdout)


def measure(url: str, workers: Sequence[int], args: argparse.Namespace) -> Result:
    chance = random.Random(args.seed)
    users = _users(chance)
    tokens = _tokens(users)
    fallbacks: list[str] = []
    began = time.perf_counter()
    lists = _lists(url, tokens, fallbacks)
    first_list = time.perf_counter() - began
    started = memory_mib(workers)
    result: Result = {"first_list_s": round(first_list, 3), "user_vector": _user_vector(users), "clients": {}}
    actions = {"search": _searches(users), "API": lists, "API, again": lists}
    for turn, clients in enumerate((1, args.clients)):
        numbers = range(turn * args.requests, (turn + 1) * args.requests)  # other users in each turn
        result["clients"][str(clients)] = _side_by_side(actions, workers, clients, numbers)
    result["rating"] = _rating_to_list(url, tokens, chance)
    result["pages"] = {
        name: _one_by_one(_visits(url, paths), workers, VISITS) for name, paths in _pages(chance).items()
    }
    before = memory_mib(workers)
    with ThreadPoolExecutor(args.clients) as pool:
        list(pool.map(lists, range(args.memory)))
    result["memory"] = {
        "started_mib": started,
        "before_mib": before,
        "after_mib": memory_mib(workers),
        "files_mib": files_mib(workers),
        "requests": args.memory,
    }
    return result | {"fallbacks": len(fallbacks)}


def _users(chance: random.Random) -> list[Any]:
    from django.db.models import Count

    from catalog.models import User

    drawn = list(User.objects.order_by("pk").values_list("pk", flat=True))
    chance.shuffle(drawn)
    some = User.objects.filter(pk__in=drawn[: 2 * ASKING])  # all ratings of large data take minutes to count
    raters = list(some.annotate(given=Count("ratings")).filter(given__gte=5).order_by("pk"))
    return chance.sample(raters, min(ASKING, len(raters)))


def _tokens(users: Sequence[Any]) -> list[str]:
    from catalog.models import AccessToken
    from catalog.tokens import issue_token

    AccessToken.objects.filter(user__in=users, name=OF_BENCHMARK).delete()
    return [issue_token(user, scopes=["read", "write"], name=OF_BENCHMARK)[1] for user in users]


def _searches(users: Sequence[Any]) -> Ask:
    """The bare search for the candidates of these users' lists, as serving asks for them."""
    from recommendations import vector_index
    from recommendations.interactions import user_input_and_seen
    from recommendations.live_model import live_model
    from recommendations.retrieval import first_limit
    from recommendations.serving import ListRequest

    live = live_model()
    asked = []
    for user in users:
        person, seen = user_input_and_seen(user)
        asked.append((live.model.user_vector(person), first_limit(ListRequest().limit, seen)))

    def search(number: int) -> None:
        vector, limit = asked[number % len(asked)]
        vector_index.search(live.collection, vector, limit=limit, timeout=30.0)

    return search


def _user_vector(users: Sequence[Any]) -> Result:
    """CPU of this thread for the vector of a history of HISTORY ratings, and of the users' own."""
    from recommendations.interactions import user_inputs
    from recommendations.live_model import live_model

    model = live_model().model
    people = user_inputs(users)
    long = [person for person in people if len(person.movie_ids) >= HISTORY]
    cut = [person.keep(np.arange(len(person.movie_ids)) < HISTORY) for person in long][:50]

    def each(histories: Sequence[Any]) -> float:
        times = []
        for person in histories:
            began = time.thread_time()
            model.user_vector(person)
            times.append(time.thread_time() - began)
        return round(1e3 * float(np.median(times)), 3)

    each(people[:20])
    lengths = [len(person.movie_ids) for person in people]
    answer = {"cpu_ms": each(people), "median_history": int(np.median(lengths)), "history": HISTORY}
    return answer | {"cpu_ms_of_history": each(cut) if cut else None}


def _lists(url: str, tokens: Sequence[str], fallbacks: list[str]) -> Ask:
    """Lists that are not personal, because Milvus did not answer in time, are noted in `fallbacks`."""

    def ask(number: int) -> None:
        answer = json.loads(request(url, LISTS, token=tokens[number % len(tokens)]))
        if answer["source"] != "personal":
            fallbacks.append(answer["notice"])

    ask(0)
    if fallbacks:
        raise RuntimeError(f"nothing to measure: {fallbacks[0]}")
    return ask


def _visits(url: str, paths: Sequence[str]) -> Ask:
    def visit(number: int) -> None:
        request(url, paths[number % len(paths)])

    return visit


def _pages(chance: random.Random) -> dict[str, list[str]]:
    """The paths of each kind. Similar movies are remembered for a while: each visit asks for others."""
    from catalog.models import Movie

    movies = chance.sample(list(Movie.objects.visible().popular()[:500]), 2 * (VISITS + WARMING))
    by_api, by_page = movies[: VISITS + WARMING], movies[VISITS + WARMING :]
    return {
        "similar movies (API)": [f"/api/v1/movies/{movie.pk}/similar/" for movie in by_api],
        "movie with similar ones (page)": [movie.get_absolute_url() for movie in by_page],
        "movie with similar ones (page), again": [by_page[0].get_absolute_url()],
        "browse (page)": ["/movies/?genre=drama"],
        "search (page)": ["/movies/?q=star"],
    }


def _rating_to_list(url: str, tokens: Sequence[str], chance: random.Random) -> Result:
    """From the answer to a rating until the list that counts it has come."""
    from catalog.models import Movie

    ids = list(Movie.objects.visible().popular().values_list("pk", flat=True)[:RATED_MOVIES])
    times = []
    for number in range(RATED_MOVIES):
        token = tokens[number % len(tokens)]
        path = f"/api/v1/ratings/{chance.choice(ids)}/"
        request(url, path, token=token, method="PUT", body={"stars": 4.0})
        began = time.perf_counter()
        request(url, LISTS, token=token)
        times.append(time.perf_counter() - began)
        request(url, path, token=token, method="DELETE")
    return _quantiles(times)


def _side_by_side(
    actions: dict[str, Ask], workers: Sequence[int], clients: int, numbers: range
) -> dict[str, Result]:
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    wall, cpu = dict.fromkeys(actions, 0.0), dict.fromkeys(actions, 0.0)
    with ThreadPoolExecutor(clients) as pool:
        for ask in actions.values():
            last = range(numbers.stop, numbers.stop + 3 * clients)
            list(pool.map(ask, last))  # connections are made, caches of code are warm
        for part in np.array_split(numbers, BLOCKS):
            for name, ask in actions.items():
                began, used = time.perf_counter(), cpu_seconds(workers)
                seconds[name] += pool.map(_timed(ask), part.tolist())
                wall[name] += time.perf_counter() - began
                cpu[name] += cpu_seconds(workers) - used
    return {
        name: _quantiles(seconds[name])
        | {
            "a_second": round(len(numbers) / wall[name], 1),
            "worker_cpu_ms": round(1e3 * cpu[name] / len(numbers), 2),
        }
        for name in actions
    }


def _one_by_one(ask: Ask, workers: Sequence[int], requests: int) -> Result:
    for number in range(WARMING):
        ask(number)
    used = cpu_seconds(workers)
    times = [_timed(ask)(number) for number in range(WARMING, WARMING + requests)]
    cpu = 1e3 * (cpu_seconds(workers) - used) / requests
    return _quantiles(times) | {"worker_cpu_ms": round(cpu, 2)}


def _timed(ask: Ask) -> Callable[[int], float]:
    def timed(number: int) -> float:
        began = time.perf_counter()
        ask(number)
        return time.perf_counter() - began

    return timed


def _quantiles(seconds: Sequence[float]) -> Result:
    p50, p95, p99 = (round(1e3 * float(value), 2) for value in np.percentile(seconds, [50, 95, 99]))
    return {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


if __name__ == "__main__":
    main()
