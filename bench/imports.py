"""Imports a data set and compares with the least that the database needs for as many rows.

    python -m bench.imports [DATA] [--ratings 200000] [--seed 0]

DATA is a MovieLens folder or zip; without it, that many ratings are made up. Uses a database of its own,
made and dropped on the engine that DATABASE_URL names (SQLite unless set).

* import: `import_movielens`: read, check and write movies, users and ratings, statistics included
* again: the same once more, nothing changed
* raw: the ratings as tuples at hand, one plain INSERT by executemany, in one transaction: the bound
* orm: the first of them by bulk_create(update_conflicts=True): what the import would do without raw SQL
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import record

ORM_ROWS = 50_000
INSERT = "INSERT INTO catalog_rating (user_id, movie_id, stars, rated_at) VALUES (%s, %s, %s, %s)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, help="a MovieLens folder or zip (default: made up)")
    parser.add_argument("--ratings", type=int, default=200_000, help="how many to make up")
    parser.add_argument("--seed", type=int, default=0, help="of what is made up")
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="movierec-bench-") as folder,
        own_database(Path(folder)) as engine,
    ):
        data = args.data or made_up(Path(folder) / "made-up", ratings=args.ratings, seed=args.seed)
        run = record.begin("imports", data, seed=args.seed, name=engine.split()[0].lower())
        run.values = {"engine": engine, "steps": measure(data), "peak_mib": round(1024 * record.peak_gib())}
        print(run.save())


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """An empty database with all tables, dropped at the end; the name of its engine."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "movierec.settings")
    os.environ.setdefault("SECRET_KEY", "only for this benchmark")
    os.environ["VAR_DIR"] = str(folder)
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    connection.settings_dict["TEST"]["NAME"] = (
        str(folder / "bench.sqlite3") if connection.vendor == "sqlite" else "movierec_bench"
    )
    databases = setup_databases(verbosity=0, interactive=False)
    version = ".".join(map(str, connection.get_database_version()))
    yield f"{connection.display_name} {version}"
    teardown_databases(databases, verbosity=0)


def made_up(folder: Path, *, ratings: int, seed: int) -> Path:
    """A data set in the format of MovieLens 1M, with 100 ratings a user."""
    chance = random.Random(seed)
    users, movies = max(1, ratings // 100), 3000
    folder.mkdir()
    with (folder / "movies.dat").open("w") as file:
        file.writelines(f"{m}::Movie {m} (1999)::Drama|War\n" for m in range(1, movies + 1))
    with (folder / "users.dat").open("w") as file:
        file.writelines(f"{u}::F::25::{u % 21}::{10000 + u}\n" for u in range(1, users + 1))
    with (folder / "ratings.dat").open("w") as file:
        for user in range(1, users + 1):
            for place, movie in enumerate(chance.sample(range(1, movies + 1), 100)):
                file.write(f"{user}::{movie}::{chance.randint(1, 5)}::{978_300_000 + 1000 * user + place}\n")
    return folder


def measure(data: Path) -> dict[str, dict[str, Any]]:
    from catalog.models import Rating
    from catalog.movielens.importer import import_data_set

    steps = {}
    steps["import"] = timed("import", lambda: import_data_set(data).counts("ratings").total)
    print(f"{'':8}peak memory {1024 * record.peak_gib():.0f} MiB, with all of Django")
    steps["again"] = timed("again", lambda: import_data_set(data).counts("ratings").total)
    rows = list(Rating.objects.order_by("pk").values_list("user_id", "movie_id", "stars", "rated_at"))
    Rating.objects.all()._raw_delete("default")
    steps["raw"] = timed("raw", lambda: insert_raw(rows))
    Rating.objects.all()._raw_delete("default")
    steps["orm"] = timed("orm", lambda: insert_by_orm(rows[:ORM_ROWS]))
    return steps


def timed(name: str, action: Callable[[], int]) -> dict[str, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    rows = action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{name:8}{rows:>12,} ratings {wall:8.1f} s {rows / wall:>12,.0f} a second ({cpu:.1f} s of CPU)",
        flush=True,
    )
    return {"rows": rows, "seconds": round(wall, 2), "cpu_seconds": round(cpu, 2)}


def insert_raw(rows: list[tuple]) -> int:
    from django.db import connection, transaction

    values = [(user, movie, stars, f"{at:%Y-%m-%d %H:%M:%S}") for user, movie, stars, at in rows]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(INSERT, values)
    return len(rows)


def insert_by_orm(rows: list[tuple]) -> int:
    from django.db import connection, transaction

    from catalog.models import Rating

    target = ["user", "movie"] if connection.features.supports_update_conflicts_with_target else None
    ratings = [Rating(user_id=u, movie_id=m, stars=s, rated_at=at) for u, m, s, at in rows]
    with transaction.atomic():
        Rating.objects.bulk_create(
            ratings, 10_000, update_conflicts=True, update_fields=["stars", "rated_at"], unique_fields=target
        )
    return len(rows)


if __name__ == "__main__":
    main()
