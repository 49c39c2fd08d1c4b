"""System checks: a MySQL that would cut titles short, static files that no page can name."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from movierec.static_files import StaticFiles

STRICT_MODES = {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"}


@register(Tags.database)
def check_mysql(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """utf8mb4 in the database and its tables, and strict mode. Run by `migrate` and `check --database`."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor == "mysql":
            messages += [*_check_strict_mode(connections[alias]), *_check_character_sets(connections[alias])]
    return messages


@register(Tags.staticfiles, deploy=True)
def check_static_files(**kwargs: Any) -> list[CheckMessage]:
    """Without their manifest no page can name a static file. Run by `check --deploy`."""
    if StaticFiles().read_manifest() is not None:
        return []
    return [
        Error(
            "The static files are not collected: each page would be an error 500.",
            hint="manage.py collectstatic --no-input",
            id="movierec.E003",
        )
    ]


def _check_strict_mode(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.sql_mode")
        modes = set(cursor.fetchone()[0].split(","))
    if modes & STRICT_MODES:
        return []
    return [
        Error(
            f"MySQL's strict mode is off in database {connection.alias!r}: it would cut values short.",
            hint="Leave sql_mode out of DATABASE_URL, or name STRICT_TRANS_TABLES in it.",
            id="movierec.E001",
        )
    ]


def _check_character_sets(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@character_set_database, @@SESSION.character_set_client")
        database, client = cursor.fetchone()
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            " AND character_set_name IS NOT NULL AND character_set_name <> 'utf8mb4' GROUP BY table_name"
        )
        tables = [row[0] for row in cursor.fetchall()]
    wrong = [
        f"{what} is {found}"
        for what, found in (("database", database), ("connection", client))
        if found != "utf8mb4"
    ]
    wrong += [f"table {table} is not" for table in tables]
    if not wrong:
        return []
    return [
        Error(
            f"Not everything is utf8mb4 in database {connection.alias!r}: {', '.join(wrong)}.",
            hint="ALTER DATABASE … CHARACTER SET utf8mb4; ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4;",
            id="movierec.E002",
        )
    ]
