"""Writes the ratings of a data set, some ten thousand at a time, in the order of the file.

Raw SQL, because the ORM's bulk_create takes more than three times as long (`bench/imports.py` measures it).
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction

from catalog.models import Movie, Rating
from catalog.movielens.accounts import Accounts
from catalog.movielens.bulk import batched
from catalog.movielens.errors import RowRejected
from catalog.movielens.fields import STARS_BY_TEXT, parse_id, parse_stars, parse_time
from catalog.movielens.pairs import SeenPairs
from catalog.movielens.rejections import Rejections
from catalog.movielens.report import Counts
from catalog.movielens.users import users_of_people
from catalog.services import refresh_rating_statistics

BATCH = 20_000  # ratings
STATISTICS_BATCH = 500  # movies
A_DAY = 86_400  # seconds; clocks differ

UPSERT = {
    "sqlite": """
        INSERT INTO catalog_rating (user_id, movie_id, stars, rated_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (user_id, movie_id) DO UPDATE SET stars = excluded.stars, rated_at = excluded.rated_at
        WHERE (stars <> excluded.stars OR rated_at <> excluded.rated_at)
    """,
    "mysql": """
        INSERT INTO catalog_rating (user_id, movie_id, stars, rated_at) VALUES (%s, %s, %s, %s)
        ON DUPLICATE KEY UPDATE stars = VALUES(stars), rated_at = VALUES(rated_at)
    """,
}
UPSERT_IF_LATER = {  # by time; MySQL assigns from left to right
    "sqlite": f"{UPSERT['sqlite']} AND excluded.rated_at >= rated_at",
    "mysql": """
        INSERT INTO catalog_rating (user_id, movie_id, stars, rated_at) VALUES (%s, %s, %s, %s)
        ON DUPLICATE KEY UPDATE stars = IF(VALUES(rated_at) >= rated_at, VALUES(stars), stars),
        rated_at = GREATEST(VALUES(rated_at), rated_at)
    """,
}


Values = tuple[int, int, float, str]  # of user, movie, stars and time, as they are stored


class RatingRow(NamedTuple):
    line: int
    user: str  # MovieLens number
    movie_id: int
    stars: float
    seconds: int  # since 1970


@transaction.atomic
def write_ratings(
    rows: Iterable[tuple[int, Sequence[str]]], rejections: Rejections, *, users_are_listed: bool
) -> dict[str, Counts]:
    """Create or update the ratings and bring the rating statistics of their movies up to date.

    Where the data set does not list its users, those in `rows` are created. Returns counts of ratings,
    and of users unless they are listed. What the file has of a movie that was merged into another belongs to
    that one, where of two ratings of one user the later stays, as after the merge.
    """
    accounts, seen, counts = Accounts(may_create=not users_are_listed), SeenPairs(), Counts()
    merged, rated_movies = merged_movies(), set[int]()
    of_several = set(merged.values())
    stored_before, written, affected = stored_ratings(), 0, 0
    for batch in batched(read_ratings(rows, accounts, rejections), BATCH):
        values = values_of(batch, accounts, seen, merged, rejections, counts)
        affected += upsert([row for row in values if row[1] not in of_several])
        affected += upsert([row for row in values if row[1] in of_several], UPSERT_IF_LATER)
        written += len(values)
        rated_movies.update(movie_id for _user_id, movie_id, _stars, _time in values)
    counts.created = stored_ratings() - stored_before
    counts.updated = updated_rows(affected, written=written, created=counts.created)
    counts.unchanged = written - counts.created - counts.updated
    if counts.created or counts.updated:
        for some_movies in batched(sorted(rated_movies), STATISTICS_BATCH):
            refresh_rating_statistics(some_movies)
    return {"ratings": counts} if users_are_listed else {"users": accounts.counts, "ratings": counts}


def read_ratings(
    rows: Iterable[tuple[int, Sequence[str]]], accounts: Accounts, rejections: Rejections
) -> Iterator[RatingRow]:
    """The rows that are right by themselves. Its loop runs once a rating, hence the short cuts."""
    latest = int(time.time()) + A_DAY
    movie_ids = ids_by_number()
    number_of = accounts.number_of
    for line, (user, movie, stars, seconds) in rows:
        try:
            yield RatingRow(
                line,
                number_of(user),
                movie_ids.get(movie) or find_movie(movie, movie_ids),
                STARS_BY_TEXT.get(stars) or parse_stars(stars),
                parse_time(seconds, latest),
            )
        except RowRejected as problem:
            rejections.add(line, problem)


def ids_by_number() -> dict[str, int]:
    """Primary keys of the imported movies by MovieLens number."""
    movies = Movie.objects.filter(movielens_id__isnull=False).values_list("movielens_id", "pk")
    return {str(number): movie_id for number, movie_id in movies}


def merged_movies() -> dict[int, int]:
    """Primary keys of the movies that are kept, by those of the withdrawn ones that were merged into them."""
    merged = Movie.objects.filter(withdrawn=True, merged_into__isnull=False)
    return {pk: kept for pk, kept in merged.values_list("pk", "merged_into") if kept is not None}


def find_movie(text: str, movie_ids: dict[str, int]) -> int:
    number = str(parse_id(text, "movie ID"))
    if number not in movie_ids:
        raise RowRejected(f"movie ID '{number}' is not among the movies")
    return movie_ids[number]


def values_of(
    batch: Sequence[RatingRow],
    accounts: Accounts,
    seen: SeenPairs,
    merged: dict[int, int],
    rejections: Rejections,
    counts: Counts,
) -> list[Values]:
    """What to store of the batch: no repeated pair, nothing of an account that a person uses."""
    user_ids = accounts.ids_of([row.user for row in batch])
    repeated = seen.add(np.array(user_ids), np.array([row.movie_id for row in batch]))
    times = stored_times([row.seconds for row in batch])
    values = []
    for user_id, row, time_, again in zip(user_ids, batch, times, repeated.tolist(), strict=True):
        if again:
            rejections.add(row.line, f"user {row.user} has rated this movie in this file before")
        elif user_id in accounts.of_people:
            counts.left_alone += 1
        else:
            values.append((user_id, merged.get(row.movie_id, row.movie_id), row.stars, time_))
    return values


def stored_times(seconds: list[int]) -> list[str]:
    """Seconds since 1970 as Django stores them, in UTC: "2000-12-31 22:12:40"."""
    times = np.datetime_as_string(np.array(seconds).astype("datetime64[s]"))
    return [time_.replace("T", " ") for time_ in times.tolist()]


def upsert(values: list[Values], statements: dict[str, str] = UPSERT) -> int:
    """Store the ratings; how many rows the database says were affected (see `updated_rows`)."""
    if not values:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statements[connection.vendor], values)
        return int(cursor.rowcount)


def updated_rows(affected: int, *, written: int, created: int) -> int:
    """How many of the `written` rows changed an older one.

    SQLite counts rows that were created or changed. MySQL counts 1 for a row created or left as it was,
    2 for a changed one (Django connects with FOUND_ROWS).
    """
    return affected - created if connection.vendor == "sqlite" else affected - written


def stored_ratings() -> int:
    """How many ratings the import has to do with; other people may go on rating meanwhile."""
    return Rating.objects.count() - Rating.objects.filter(user__in=users_of_people()).count()
