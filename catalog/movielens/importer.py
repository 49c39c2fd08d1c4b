"""Imports a data set file by file: movies, users, links, ratings; each of them whole or not at all."""

import time
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError

from catalog.movielens.bulk import roomy_cache, tell_the_planner
from catalog.movielens.errors import ImportRejected
from catalog.movielens.formats import Role
from catalog.movielens.identity import refuse_other_data_set
from catalog.movielens.movies import write_links, write_movies
from catalog.movielens.progress import Progress, Silence
from catalog.movielens.ratings import write_ratings
from catalog.movielens.reading import read_fields, read_rows
from catalog.movielens.recognition import DataSet, recognise
from catalog.movielens.rejections import Rejections
from catalog.movielens.report import Counts, FileReport, ImportReport
from catalog.movielens.sources import opened
from catalog.movielens.users import write_users


def ignore(_report: FileReport) -> None:
    """For callers that wait for the whole report."""


def import_data_set(
    path: Path,
    *,
    skip_bad_rows: bool = False,
    trust_numbers: bool = False,
    progress: Progress | None = None,
    on_file: Callable[[FileReport], None] = ignore,
) -> ImportReport:
    """Import the MovieLens folder or zip at `path`; what was done, file by file.

    Every file is one transaction. `on_file` hears of each one that is in. Importing again updates.
    With `skip_bad_rows`, rows that cannot be imported are left out and reported; with `trust_numbers`,
    nobody checks that the numbers mean the movies and people already imported under them.
    Raises ImportRejected; the files reported before stay imported.
    """
    with opened(path) as folders:
        data_set = recognise(str(path), folders)
        if not trust_numbers:
            refuse_other_data_set(data_set)
        report = ImportReport(data_set.format)
        for role in Role:
            if role in data_set.tables:
                file_report = import_file(data_set, role, skip_bad_rows, progress or Silence())
                report.files.append(file_report)
                tell_the_planner()
                on_file(file_report)
        return report


def import_file(data_set: DataSet, role: Role, skip_bad_rows: bool, progress: Progress) -> FileReport:
    started = time.monotonic()
    file = data_set.tables[role].file
    rejections = Rejections(file.name, skip=skip_bad_rows)
    progress.start(file.name, file.size)
    try:
        with roomy_cache():
            counts = write_file(data_set, role, rejections, progress)
    except DatabaseError as error:
        raise ImportRejected(f"{file.name}: the database refused the rows: {error}") from error
    finally:
        progress.finish()
    if rejections.count and not any(count.total for count in counts.values()):
        raise ImportRejected(
            f"{file.name}: none of its rows can be imported; the first: {rejections.listed[0]}"
        )
    seconds = time.monotonic() - started
    return FileReport(file.name, counts, rejections.count, tuple(rejections.listed), seconds)


def write_file(
    data_set: DataSet, role: Role, rejections: Rejections, progress: Progress
) -> dict[str, Counts]:
    """Counts by what the rows became. One transaction."""
    table = data_set.tables[role]
    if role == Role.RATINGS:
        fields = read_fields(table, rejections, progress.advance)
        return write_ratings(fields, rejections, users_are_listed=Role.USERS in data_set.tables)
    rows = read_rows(table, rejections, progress.advance)
    if role == Role.MOVIES:
        return {role: write_movies(rows)}
    if role == Role.USERS:
        return {role: write_users(rows)}
    return {role: write_links(rows, rejections)}
