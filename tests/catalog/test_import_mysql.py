"""The import on MySQL, where upserts, keys and counts work differently; run with DATABASE_URL=mysql://…"""

from pathlib import Path

import pytest
from django.db import connection

from catalog.merging import merge_movies
from catalog.models import Movie, MovieChange, Rating, User
from catalog.movielens.errors import ImportRejected
from catalog.movielens.importer import import_data_set
from tests.catalog.movielens_files import FORMATS, ML_1M, Files, stored_movies, stored_ratings, write
from tests.catalog.test_import_formats import MOVIES, RATINGS
from tests.factories import UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def mysql() -> None:
    assert connection.vendor == "mysql", "these tests need DATABASE_URL=mysql://…"


@pytest.mark.parametrize("files", FORMATS.values(), ids=FORMATS.keys())
def test_each_format_becomes_movies_and_ratings_in_the_order_of_the_file(files: Files, tmp_path: Path):
    import_data_set(write(tmp_path / "data", files))
    assert (stored_movies(), stored_ratings()) == (MOVIES, RATINGS)


def test_created_updated_and_unchanged_ratings_are_told_apart(tmp_path: Path):
    folder = write(tmp_path / "data", ML_1M)
    import_data_set(folder)
    rows = "1::1::5::881250949\n2::2::4::891717742\n1::2::4::881250950\n2::1::1::10\n"
    ratings = import_data_set(write(folder, ML_1M, ratings_dat=rows)).counts("ratings")
    assert (ratings.created, ratings.updated, ratings.unchanged) == (1, 2, 1)


def test_of_ratings_of_movies_that_were_merged_the_later_stays(tmp_path: Path):
    rows = "1::1::5::20\n1::2::4::10\n2::1::3::10\n2::2::2::20\n"
    folder = write(tmp_path / "data", ML_1M, ratings_dat=rows)
    import_data_set(folder)
    merge_movies(*Movie.objects.filter(movielens_id__in=[1, 2]).order_by("movielens_id"))
    ratings = import_data_set(folder).counts("ratings")
    assert sorted(stored_ratings()) == [(1, 1, 5.0, 20), (2, 1, 2.0, 20)]
    assert (ratings.created, ratings.updated, ratings.unchanged) == (0, 0, 4)


def test_created_and_changed_movies_are_announced_with_their_keys(tmp_path: Path):
    folder = write(tmp_path / "data", ML_1M)
    import_data_set(folder)
    announced = MovieChange.objects.values_list("movie_id", flat=True)
    assert set(announced) == set(Movie.objects.values_list("pk", flat=True))
    MovieChange.objects.all().delete()
    import_data_set(write(folder, ML_1M, movies_dat="1::A (1990)::War\n2::Café, The (1996)::Drama\n3::C::\n"))
    changed = Movie.objects.filter(pk__in=announced.all()).values_list("movielens_id", flat=True)
    assert set(changed) == {1, 3}


def test_the_planner_knows_at_once_how_much_was_imported(tmp_path: Path):
    import_data_set(write(tmp_path / "data", ML_1M))
    with connection.cursor() as cursor:
        known = "SELECT n_rows FROM mysql.innodb_table_stats WHERE database_name = DATABASE()"
        cursor.execute(f"{known} AND table_name = %s", [Rating._meta.db_table])
        assert cursor.fetchone()[0] == Rating.objects.count() > 0


def test_titles_outside_the_basic_plane_survive(tmp_path: Path):
    import_data_set(write(tmp_path / "data", ML_1M, movies_dat="1::🎬 (1990)::War\n2::𝔄::\n3::C::\n"))
    assert [title for _number, title, *_rest in stored_movies()] == ["🎬", "𝔄", "C"]


def test_a_bad_row_rolls_back_its_whole_file(tmp_path: Path):
    with pytest.raises(ImportRejected, match="line 5"):
        import_data_set(write(tmp_path / "data", ML_1M, ratings_dat=f"{ML_1M['ratings.dat']}x\n"))
    assert (Movie.objects.count(), User.objects.count(), Rating.objects.count()) == (3, 2, 0)


@pytest.mark.parametrize("name", ["MovieLens-1", "mövielens-1"])
def test_a_name_taken_in_other_letters_is_not_taken_again(tmp_path: Path, name: str):
    UserFactory(username=name)
    import_data_set(write(tmp_path / "data", ML_1M))
    assert User.objects.get(movielens_id=1).username == "movielens-1-2"
