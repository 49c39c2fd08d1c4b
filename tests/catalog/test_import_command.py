"""manage.py import_movielens: what it prints, how it ends, what an interrupted one leaves."""

import io
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.models import Rating
from catalog.movielens import progress
from tests.catalog.movielens_files import ML_1M, ML_CSV, Files, write


def run(*arguments: object, **options: object) -> tuple[str, str]:
    """Standard output and standard error of the command."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_movielens", *map(str, arguments), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_it_tells_of_every_file_and_sums_up(tmp_path: Path):
    out, err = run(write(tmp_path / "data", ML_CSV))
    assert re.sub(r"\d+\.\d s", "… s", out).splitlines() == [
        "movies.csv: movies: 3 created, 0 updated, 0 unchanged (… s)",
        "links.csv: links: 0 created, 2 updated, 0 unchanged (… s)",
        "ratings.csv: users: 2 created, 0 updated, 0 unchanged; "
        "ratings: 4 created, 0 updated, 0 unchanged (… s)",
        "MovieLens CSV: 3 movies, 2 users, 4 ratings imported in … s",
    ]
    assert err == ""


@pytest.mark.django_db
def test_it_fails_with_one_line_on_bad_data(tmp_path: Path):
    with pytest.raises(CommandError) as error:
        run(write(tmp_path / "data", ML_1M, ratings_dat="1::1::9::10\n"))
    assert str(error.value) == "ratings.dat line 1: rating '9' is not between 0.5 and 5"
    assert error.value.returncode == 1


@pytest.mark.django_db
def test_it_lists_skipped_rows_on_standard_error(tmp_path: Path):
    rows = "1::1::5::10\n" + "1::2::9::10\n" * 25
    out, err = run(write(tmp_path / "data", ML_1M, ratings_dat=rows), skip_bad_rows=True)
    assert err.splitlines()[0] == "skipped: ratings.dat line 2: rating '9' is not between 0.5 and 5"
    assert err.splitlines()[-1] == "skipped: 5 more rows of ratings.dat"
    assert "1 ratings imported" in out
    assert out.rstrip().endswith("25 rows skipped")


@pytest.mark.django_db
def test_it_prints_plain_lines_of_progress_where_its_output_is_piped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    out, _err = run(write(tmp_path / "data", ML_1M))
    assert "ratings.dat: 100 % read" in out.splitlines()


@pytest.mark.django_db
def test_a_bar_shows_on_a_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    call_command("import_movielens", str(write(tmp_path / "data", ML_1M)), stdout=Terminal())
    assert "ratings.dat:   0%" in capfd.readouterr().err


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation")
    path = folder / "movierec.sqlite3"
    manage("migrate", "--verbosity", "0", database=path).wait(60)
    return path


def manage(*arguments: str, database: Path) -> "subprocess.Popen[str]":
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "VAR_DIR": str(database.parent)}
    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )


def heed_interrupts() -> None:
    """Whoever runs the tests in the background of a shell ignores Ctrl-C, and so would the child."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def large() -> Files:
    """A data set whose ratings take seconds to import."""
    return {
        "movies.dat": "".join(f"{number}::Movie {number} (1999)::Drama\n" for number in range(1, 301)),
        "ratings.dat": "".join(f"{u}::{m}::4::{u + m}\n" for u in range(1, 201) for m in range(1, 301)),
    }


def count(database: Path, table: str) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute(f"SELECT count(*) FROM catalog_{table}").fetchone()[0])  # noqa: S608


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        (signal.SIGINT, 130, "Stopped. The files reported above are imported, of the others nothing.\n"),
        (signal.SIGKILL, -signal.SIGKILL, ""),
    ],
)
def test_an_interrupted_import_keeps_whole_files_and_can_be_repeated(
    empty_database: Path, tmp_path: Path, sent: signal.Signals, status: int, said: str
):
    database = tmp_path / "movierec.sqlite3"
    shutil.copy(empty_database, database)
    folder = write(tmp_path / "data", large())
    running = manage("import_movielens", str(folder), database=database)
    assert running.stdout is not None
    assert running.stdout.readline().startswith("movies.dat: movies: 300 created")
    running.send_signal(sent)
    _out, err = running.communicate(timeout=30)
    assert running.returncode == status
    assert err.endswith(said)
    assert (count(database, "movie"), count(database, "user"), count(database, "rating")) == (300, 0, 0)
    again = manage("import_movielens", str(folder), database=database)
    assert "60,000 created" in again.communicate(timeout=60)[0]
    assert count(database, "rating") == 60_000


@pytest.mark.django_db
def test_nothing_is_imported_twice_by_running_it_twice(tmp_path: Path):
    folder = write(tmp_path / "data", ML_1M)
    run(folder)
    out, _err = run(folder)
    assert "ratings.dat: ratings: 0 created, 0 updated, 4 unchanged" in out
    assert Rating.objects.count() == 4
