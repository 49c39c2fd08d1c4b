"""What is wrong with the data is said in one line with file, line and field, and nothing half is imported."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from catalog.models import Movie, Rating, User
from catalog.movielens import ratings
from catalog.movielens.errors import ImportRejected
from catalog.movielens.importer import import_data_set
from tests.catalog.movielens_files import ATOMIC, ML_1M, ML_10M, ML_100K, ML_CSV, Files, stored_ratings, write

pytestmark = pytest.mark.django_db

Refused = Callable[..., str]


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Imports the files with changes, which must fail; the message without the path."""

    def import_and_fail(files: Files, **changes: str | bytes | None) -> str:
        folder = write(tmp_path / "data", files, **changes)
        with pytest.raises(ImportRejected) as rejected:
            import_data_set(folder)
        assert "\n" not in str(rejected.value)
        return str(rejected.value).removeprefix(f"{folder}: ")

    return import_and_fail


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1::1::9::10", "rating '9' is not between 0.5 and 5"),
        ("1::1::3.3::10", "rating '3.3' is not a number of half stars"),
        ("1::99::3::10", "movie ID '99' is not among the movies"),
        ("99::1::3::10", "user ID '99' is not among the users"),
        ("one::1::3::10", "user ID 'one' is not a whole number"),
        ("1::::3::10", "movie ID '' is not a whole number"),
        ("1::1::3", "3 fields where 4 belong"),
        ("1::1::3::10::11", "5 fields where 4 belong"),
        ("1::1::3::-1", "timestamp '-1' is not between 1970 and now (seconds since 1970)"),
        ("1::1::3::99999999999", "timestamp '99999999999' is not between 1970 and now (seconds since 1970)"),
        ("\x00::1::3::10", r"user ID '\x00' is not a whole number"),
    ],
)
def test_a_bad_rating_is_named_with_file_line_and_field(refused: Refused, row: str, problem: str):
    good_rows = "1::1::5::881250949\n\n"
    assert refused(ML_1M, ratings_dat=f"{good_rows}{row}\n") == f"ratings.dat line 3: {problem}"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("4::::Drama", "title is empty"),
        (f"4::{'x' * 300}::Drama", f"title '{'x' * 37}...' is 300 characters long, more than 255"),
        ("four::X::Drama", "movie ID 'four' is not a whole number"),
        ("3::X::Drama", "movie ID 3 was on line 3 already"),
        ("4::X", "2 fields where 3 belong"),
        ("4::a\x00b::Drama", r"title 'a\x00b' holds the byte 0x00, which is not text in this encoding"),
    ],
)
def test_a_bad_movie_is_named_with_file_line_and_field(refused: Refused, row: str, problem: str):
    assert refused(ML_10M, movies_dat=f"{ML_10M['movies.dat']}{row}\n") == f"movies.dat line 4: {problem}"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("3::Q::18::1::1", "gender 'Q' is none of F, M, X"),
        ("3::M::200::1::1", "age '200' is not between 1 and 120"),
        ("3::M::18::21::1", "occupation '21' is not known"),
        ("3::M::18::1::12345678901", "ZIP code '12345678901' is longer than 10 characters"),
        ("2::M::18::1::1", "user ID 2 was on line 2 already"),
    ],
)
def test_a_bad_user_is_named_with_file_line_and_field(refused: Refused, row: str, problem: str):
    assert refused(ML_1M, users_dat=f"{ML_1M['users.dat']}{row}\n") == f"users.dat line 3: {problem}"


def test_a_link_of_an_unknown_movie_is_named(refused: Refused):
    links = "movieId,imdbId,tmdbId\n9,0114709,862\n"
    assert refused(ML_CSV, links_csv=links) == "links.csv line 2: movie ID '9' is not among the movies"


def test_a_bad_first_line_does_not_hide_what_the_file_is(refused: Refused):
    message = refused(ML_1M, ratings_dat="1::1::5::yesterday\n")
    assert message == "ratings.dat line 1: timestamp 'yesterday' is not a number of seconds"


def test_a_second_rating_of_the_same_movie_is_named(refused: Refused):
    twice = "1::1::5::10\n2::1::4::20\n1::1::3::30\n"
    assert refused(ML_1M, ratings_dat=twice) == (
        "ratings.dat line 3: user 1 has rated this movie in this file before"
    )


def test_a_second_rating_is_found_far_from_the_first(refused: Refused, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ratings, "BATCH", 2)
    rows = "1::1::5::1\n2::1::4::2\n2::2::4::3\n2::3::4::4\n01::1::3::5\n"
    assert refused(ML_1M, ratings_dat=rows).startswith("ratings.dat line 5: user 1 has rated this movie")


def test_quotes_that_do_not_match_are_named(refused: Refused):
    movies = 'movieId,title,genres\n1,"Toy Box (1995),Drama\n'
    assert refused(ML_CSV, movies_csv=movies).startswith("movies.csv line 2: quotes do not match")


def test_a_header_without_a_column_is_named(refused: Refused):
    header = "userId,movieId,stars,timestamp\n1,1,5,10\n"
    assert refused(ML_CSV, ratings_csv=header) == (
        "ratings.csv line 1: column 'rating' is missing from the header ('userId, movieId, stars, timestamp')"
    )


def test_an_atomic_header_without_a_column_is_named(refused: Refused):
    header = "user_id:token\titem_id:token\trating:float\n1\t1\t5\n"
    folder_message = refused(ATOMIC, small_inter=header)
    assert folder_message.startswith("small.inter line 1: column 'timestamp' is missing from the header")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (ML_100K, "u_data"),
        (ML_1M, "ratings_dat"),
        (ML_1M, "users_dat"),
        (ML_CSV, "movies_csv"),
        (ATOMIC, "small_item"),
    ],
)
def test_an_empty_file_is_named(refused: Refused, files: Files, name: str):
    assert refused(files, **{name: ""}) == f"{name.replace('_', '.')}: empty file"


def test_a_header_without_rows_is_named(refused: Refused):
    header = "userId,movieId,rating,timestamp\n"
    assert refused(ML_CSV, ratings_csv=header) == "ratings.csv: no rows after the header"


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        (ML_1M, "ratings_dat", "ratings.dat missing; there is movies.dat, users.dat"),
        (ML_1M, "movies_dat", "movies.dat missing; there is ratings.dat, users.dat"),
        (ML_100K, "u_user", "u.user missing; there is u.data, u.item, u1.base"),
        (ML_CSV, "movies_csv", "movies.csv missing; there is links.csv, ratings.csv"),
        (ATOMIC, "small_inter", "*.inter missing; there is small.item, small.user"),
    ],
)
def test_a_missing_file_is_named(refused: Refused, files: Files, name: str, message: str):
    assert refused(files, **{name: None}) == message


def test_a_folder_without_data_is_refused(refused: Refused):
    assert refused({"README": "nothing here\n"}).startswith("holds no MovieLens data")


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path):
    with pytest.raises(ImportRejected, match="there is no such folder or file"):
        import_data_set(tmp_path / "nowhere")


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path):
    (tmp_path / "ratings.dat").write_text("1::1::5::10\n")
    with pytest.raises(ImportRejected, match="is neither a folder nor a zip file"):
        import_data_set(tmp_path / "ratings.dat")


def test_several_data_sets_in_one_folder_are_refused(tmp_path: Path):
    write(tmp_path / "a", ML_1M)
    write(tmp_path / "b", ML_CSV)
    with pytest.raises(ImportRejected, match="holds 2 data sets"):
        import_data_set(tmp_path)


def test_several_files_of_ratings_are_refused(refused: Refused):
    files = ATOMIC | {"other.inter": ATOMIC["small.inter"]}
    assert refused(files) == "several files hold ratings: other.inter, small.inter; leave one"


def test_bytes_that_are_not_utf_8_are_refused_where_the_format_is_utf_8(refused: Refused):
    movies = "movieId,title,genres\n1,Café (1996),Drama\n".encode("latin-1")
    message = refused(ML_CSV, movies_csv=movies)
    assert message.startswith("movies.csv line 2: title ")
    assert message.endswith("holds the byte 0xe9, which is not text in this encoding")


def test_bytes_that_are_neither_utf_8_nor_latin_1_are_refused(refused: Refused):
    message = refused(ML_1M, movies_dat=b"1::It\x92s (1996)::Drama\n")
    assert message.startswith("movies.dat line 1: title ")
    assert "0x92" in message


def test_utf_16_is_refused_by_name(refused: Refused):
    text = str(ML_CSV["ratings.csv"]).encode("utf-16")
    assert refused(ML_CSV, ratings_csv=text) == "ratings.csv: is UTF-16 text, not UTF-8"


def test_a_line_without_end_is_refused(refused: Refused):
    message = refused(ML_1M, ratings_dat="1::1::5::10\n" + "1" * 3_000_000)
    assert message == "ratings.dat line 2: is longer than 65,536 bytes"


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path):
    folder = write(tmp_path / "data", ML_1M, ratings_dat=None)
    (tmp_path / "secret").write_text("1::1::5::10\n")
    (folder / "ratings.dat").symlink_to(tmp_path / "secret")
    with pytest.raises(ImportRejected, match=r"ratings.dat: is a link that leads out of"):
        import_data_set(folder)


def test_a_bad_last_row_leaves_nothing_of_its_file_but_the_files_before(refused: Refused):
    refused(ML_1M, ratings_dat=f"{ML_1M['ratings.dat']}1::1::9::10\n")
    assert (Movie.objects.count(), User.objects.count(), Rating.objects.count()) == (3, 2, 0)


def test_users_created_from_ratings_are_taken_back_with_them(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ratings, "BATCH", 2)
    refused(ML_10M, ratings_dat=f"{ML_10M['ratings.dat']}1::1::9::10\n")
    assert (User.objects.count(), Rating.objects.count()) == (0, 0)


def test_bad_rows_are_skipped_and_named_on_demand(tmp_path: Path):
    rows = "1::1::9::10\n1::2::4::20\n1::2::3::30\n9::1::3::40\n"
    folder = write(tmp_path / "data", ML_1M, ratings_dat=rows)
    report = import_data_set(folder, skip_bad_rows=True)
    assert stored_ratings() == [(1, 2, 4.0, 20)]
    assert report.files[-1].skipped_rows == (
        "ratings.dat line 1: rating '9' is not between 0.5 and 5",
        "ratings.dat line 4: user ID '9' is not among the users",
        "ratings.dat line 3: user 1 has rated this movie in this file before",
    )


def test_skipped_rows_are_all_counted_but_only_the_first_are_listed(tmp_path: Path):
    folder = write(tmp_path / "data", ML_1M, ratings_dat="1::1::5::10\n" + "x\n" * 1000)
    (file,) = (f for f in import_data_set(folder, skip_bad_rows=True).files if f.skipped)
    assert (file.skipped, len(file.skipped_rows)) == (1000, 20)


def test_a_file_of_nothing_but_bad_rows_is_refused_even_when_skipping(tmp_path: Path):
    folder = write(tmp_path / "data", ML_1M, ratings_dat="1::1::9::10\n1::2::9::10\n")
    with pytest.raises(
        ImportRejected, match=r"none of its rows can be imported; the first: ratings.dat line 1"
    ):
        import_data_set(folder, skip_bad_rows=True)


def test_a_database_that_refuses_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(ratings.UPSERT, connection.vendor, "INSERT INTO nowhere VALUES (%s, %s, %s, %s)")
    with pytest.raises(
        ImportRejected, match=r"ratings.dat: the database refused the rows: .*nowhere"
    ) as error:
        import_data_set(write(tmp_path / "data", ML_1M))
    assert isinstance(error.value.__cause__, DatabaseError)
