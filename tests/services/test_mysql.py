"""What only MySQL can get wrong: character sets, strict mode, plans of queries, connections that drop."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.db.models.signals import pre_migrate

from catalog.models import Movie, Rating
from recommendations.interactions import user_input
from tests.factories import MovieFactory, RatingFactory, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _on_mysql() -> None:
    assert connection.vendor == "mysql", "run by make test-services"


def found_by_check() -> list[str | None]:
    return [message.id for message in run_checks(tags=[Tags.database], databases=["default"])]


def run_sql(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture
def latin_table() -> Iterator[None]:
    run_sql("CREATE TABLE old_titles (title VARCHAR(50)) CHARACTER SET latin1")
    yield
    run_sql("DROP TABLE old_titles")


def test_an_installation_as_documented_passes_the_check() -> None:
    assert found_by_check() == []


@pytest.mark.usefixtures("latin_table")
def test_a_table_that_is_not_utf8mb4_is_reported() -> None:
    assert found_by_check() == ["movierec.E002"]


def test_lenient_mode_is_reported() -> None:
    run_sql("SET SESSION sql_mode = ''")
    assert found_by_check() == ["movierec.E001"]
    connection.close()


@pytest.mark.parametrize("title", ["🎬 Film der Filme", "千と千尋の神隠し", "Amélie’s “Fabuleux” Destin"])
def test_titles_of_any_script_survive(title: str) -> None:
    movie = Movie.objects.create(title=title)
    assert Movie.objects.get(pk=movie.pk).title == title
    assert Movie.objects.get(title=title) == movie


def test_a_title_that_is_too_long_is_refused_and_not_cut() -> None:
    movie = MovieFactory()
    with pytest.raises(Exception, match="too long"):
        Movie.objects.filter(pk=movie.pk).update(title="x" * 300)
    movie.refresh_from_db()
    assert len(movie.title) < 255


def test_the_work_goes_on_after_the_server_dropped_the_connection() -> None:
    MovieFactory()
    [(number,)] = run_sql("SELECT CONNECTION_ID()")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    other.close()
    with pytest.raises(OperationalError):
        Movie.objects.count()
    connection.close_if_unusable_or_obsolete()  # what Django does between two requests
    assert Movie.objects.count() == 1


def test_a_connection_is_kept_and_its_health_checked() -> None:
    assert connection.settings_dict["CONN_MAX_AGE"] > 0
    assert connection.settings_dict["CONN_HEALTH_CHECKS"] is True


@pytest.fixture
def impatient() -> Iterator[None]:
    """The client waits for an answer for one second, as `?read_timeout=1` in the database's URL asks for."""
    usual = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = usual | {"read_timeout": 1}
    connection.close()
    yield
    connection.settings_dict["OPTIONS"] = usual
    connection.close()


@pytest.mark.usefixtures("impatient")
def test_a_migration_takes_as_long_as_it_takes_and_nothing_else_does() -> None:
    slept = []

    def migrate_slowly(**_: object) -> None:
        slept.extend(run_sql("SELECT SLEEP(4)"))

    pre_migrate.connect(migrate_slowly, sender=apps.get_app_config("catalog"))
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(migrate_slowly, sender=apps.get_app_config("catalog"))
    assert slept == [(0,)]
    with pytest.raises(OperationalError, match="Lost connection"):
        run_sql("SELECT SLEEP(4)")


def plan_of(queryset: QuerySet) -> list[dict[str, Any]]:
    """What MySQL means to do with each table of the query."""
    sql, parameters = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def keys_used(queryset: QuerySet) -> set[str | None]:
    """The index that MySQL chooses for each table of the query; None stands for a full scan."""
    return {table["key"] for table in plan_of(queryset)}


@pytest.fixture
def many_rows() -> None:
    """Enough that a full scan costs more than an index."""
    users, movies = UserFactory.create_batch(20), MovieFactory.create_batch(60)
    Rating.objects.bulk_create(
        [Rating(user=user, movie=movie, stars=4) for user in users for movie in movies]
    )
    run_sql("ANALYZE TABLE catalog_rating, catalog_movie, catalog_mark")


@pytest.mark.usefixtures("many_rows")
def test_a_history_is_read_by_its_index() -> None:
    user = Rating.objects.earliest("pk").user
    assert keys_used(Rating.objects.of(user).in_order()) == {"rating_by_user_and_time"}
    assert keys_used(Rating.objects.of(user).newest_first()[:10]) == {"rating_by_user_and_time"}


@pytest.mark.usefixtures("many_rows")
def test_popular_movies_are_read_by_their_index() -> None:
    assert keys_used(Movie.objects.visible().popular()[:20]) == {"movie_by_popularity"}


@pytest.mark.usefixtures("many_rows")
def test_titles_are_searched_in_the_index_alone() -> None:
    [plan] = plan_of(Movie.objects.visible().matching("star").popular().values_list("pk")[:20])
    assert plan["key"] == "movie_by_popularity"
    assert "Using index" in plan["Extra"]


@pytest.mark.usefixtures("many_rows")
def test_the_movies_of_a_list_are_read_by_their_keys() -> None:
    ids = list(Movie.objects.values_list("pk", flat=True)[:5])
    assert keys_used(Movie.objects.visible().filter(pk__in=ids)) == {"PRIMARY"}


@pytest.mark.usefixtures("many_rows")
def test_ones_own_rating_of_a_movie_is_read_by_the_pair() -> None:
    rating = Rating.objects.earliest("pk")
    own = Rating.objects.filter(user_id=rating.user_id, movie_id=rating.movie_id)
    assert keys_used(own) == {"rating_once_per_user_and_movie"}


def test_times_are_read_as_seconds_of_utc() -> None:
    rating = RatingFactory()
    assert user_input(rating.user).timestamps.tolist() == [int(rating.rated_at.timestamp())]
