"""Writes a made-up data set: into the empty catalogue, or as a folder in MovieLens' format."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from catalog.models import Movie, Rating, User
from catalog.movielens.bulk import batched, roomy_cache, tell_the_planner
from catalog.movielens.movies import write_movies
from catalog.movielens.ratings import STATISTICS_BATCH, Values, stored_times, upsert
from catalog.movielens.rows import UserRow
from catalog.movielens.users import imported_users, write_users
from catalog.services import refresh_rating_statistics
from catalog.synthetic.people import UserRatings
from catalog.synthetic.world import SyntheticData

USERS_AT_ONCE = 200
Report = Callable[[int, int], None]  # ratings written, of how many


class TargetNotEmpty(Exception):
    """There is something already where the made-up data would go."""


def store(data: SyntheticData, report: Report) -> None:
    """Write all of `data` into the catalogue, or nothing. Raises TargetNotEmpty."""
    if Movie.objects.exists() or Rating.objects.exists() or imported_users().exists():
        raise TargetNotEmpty("the catalogue is not empty; made-up movies do not belong among others")
    with transaction.atomic(), roomy_cache():
        write_movies(enumerate(data.movie_rows(), start=1))
        write_users(enumerate(data.user_rows(), start=1))
        _store_ratings(data, report)
        for movie_ids in batched(Movie.objects.values_list("pk", flat=True).iterator(), STATISTICS_BATCH):
            refresh_rating_statistics(movie_ids)
    tell_the_planner()


def _store_ratings(data: SyntheticData, report: Report) -> None:
    movie_ids = list(Movie.objects.order_by("movielens_id").values_list("pk", flat=True))
    written = 0
    for batch in batched(data.ratings_by_user(), USERS_AT_ONCE):
        numbers = [number for number, _ratings in batch]
        users = User.objects.filter(movielens_id__in=numbers).values_list("movielens_id", "pk")
        user_ids = dict(users)
        values = [row for number, rated in batch for row in _values(user_ids[number], rated, movie_ids)]
        upsert(values)
        written += len(values)
        report(written, data.ratings)


def _values(user_id: int, rated: UserRatings, movie_ids: list[int]) -> list[Values]:
    times = stored_times(rated.seconds.tolist())
    columns = zip(rated.places.tolist(), rated.stars.tolist(), times, strict=True)
    return [(user_id, movie_ids[place], stars, time) for place, stars, time in columns]


def write_folder(data: SyntheticData, folder: Path, report: Report) -> None:
    """Write `data` as movies.dat, users.dat and ratings.dat. Raises TargetNotEmpty, OSError.

    Written beside and renamed, so that there is never half a data set.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TargetNotEmpty(f"{folder} is there already")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write_files(data, partial, report)
        partial.chmod(0o755)
        partial.replace(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _write_files(data: SyntheticData, folder: Path, report: Report) -> None:
    with (folder / "movies.dat").open("w", encoding="latin-1") as file:
        for movie in data.movie_rows():
            file.write(f"{movie.movielens_id}::{movie.title} ({movie.year})::{'|'.join(movie.genres)}\n")
    with (folder / "users.dat").open("w", encoding="latin-1") as file:
        file.writelines("::".join(map(str, _user_fields(user))) + "\n" for user in data.user_rows())
    written = 0
    with (folder / "ratings.dat").open("w", encoding="latin-1") as file:
        for number, rated in data.ratings_by_user():
            rows = zip(rated.places.tolist(), rated.stars.tolist(), rated.seconds.tolist(), strict=True)
            file.writelines(f"{number}::{place + 1}::{stars:g}::{at}\n" for place, stars, at in rows)
            written += len(rated.places)
            report(written, data.ratings)


def _user_fields(user: UserRow) -> tuple[object, ...]:
    """In the order of MovieLens: number, gender, age, occupation, ZIP code."""
    return user.movielens_id, user.gender, user.age_group, user.occupation, user.zip_code
