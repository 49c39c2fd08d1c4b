"""Restoring as docs/production.md describes: MySQL from a dump, Milvus from MySQL and artifacts."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.models import User
from recommendations.index_sync import find_drift
from recommendations.live_model import forget_live_model, live_model
from recommendations.models import ModelVersion
from recommendations.serving import ListRequest, recommend
from tests.engines import empty_milvus

pytestmark = pytest.mark.services
RESTORED = "movierec_restored"


def client_options() -> list[str]:
    database = connection.settings_dict
    options = [
        f"--host={database['HOST']}",
        f"--port={database['PORT'] or 3306}",
        f"--user={database['USER']}",
    ]
    return [*options, *([f"--password={database['PASSWORD']}"] if database["PASSWORD"] else [])]


def sql(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture
def empty_database() -> Iterator[str]:
    sql(f"DROP DATABASE IF EXISTS {RESTORED}")
    sql(f"CREATE DATABASE {RESTORED} CHARACTER SET utf8mb4")
    yield RESTORED
    sql(f"DROP DATABASE {RESTORED}")


def test_a_dump_of_mysql_restores_every_row(stored_world: None, empty_database: str, tmp_path: Path) -> None:
    dump = tmp_path / "movierec.sql"
    name = connection.settings_dict["NAME"]
    with dump.open("wb") as file:
        command = ["mysqldump", *client_options(), "--single-transaction", "--default-character-set=utf8mb4"]
        subprocess.run([*command, name], stdout=file, check=True)
    with dump.open("rb") as file:
        subprocess.run(["mysql", *client_options(), empty_database], stdin=file, check=True)
    for table in ("catalog_movie", "catalog_rating", "catalog_user", "recommendations_modelversion"):
        original, restored = (
            sql(f"CHECKSUM TABLE {database}.{table}")[0][1] for database in (name, empty_database)
        )
        assert original == restored


def test_milvus_comes_back_from_the_database_and_the_artifacts(live: ModelVersion) -> None:
    fan = User.objects.get(username="fan1")
    before = [r.movie.id for r in recommend(fan, ListRequest(limit=20)).results]
    empty_milvus()
    forget_live_model()
    assert recommend(fan, ListRequest(limit=20)).source == "popular"
    call_command("rebuild_index")
    assert [r.movie.id for r in recommend(fan, ListRequest(limit=20)).results] == before
    assert not find_drift(live_model())
