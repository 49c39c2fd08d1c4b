"""Every format, as folder and zip, gives the same catalogue."""

from pathlib import Path

import pytest

from catalog.models import Movie, User
from catalog.movielens.importer import import_data_set
from tests.catalog.movielens_files import (
    ATOMIC,
    FORMATS,
    ML_1M,
    ML_100K,
    ML_CSV,
    Files,
    stored_movies,
    stored_ratings,
    write,
    zipped,
)

pytestmark = pytest.mark.django_db

MOVIES = [
    (1, "Toy Box", 1995, ["Animation", "Children's", "Comedy"]),
    (2, "Café, The", 1996, ["Drama"]),
    (3, "Untitled", None, []),
]
RATINGS = [(1, 1, 5.0, 881250949), (2, 2, 3.0, 891717742), (1, 2, 4.0, 881250949), (2, 3, 1.0, 891717743)]


@pytest.fixture(params=FORMATS.values(), ids=FORMATS.keys())
def files(request: pytest.FixtureRequest) -> Files:
    return request.param


def test_a_folder_of_each_format_becomes_movies_and_ratings_in_the_order_of_the_file(
    files: Files, tmp_path: Path
):
    import_data_set(write(tmp_path / "data", files))
    assert stored_movies() == MOVIES
    assert stored_ratings() == RATINGS


def test_a_zip_is_read_like_a_folder(files: Files, tmp_path: Path):
    import_data_set(zipped(write(tmp_path / "data", files)))
    assert (stored_movies(), stored_ratings()) == (MOVIES, RATINGS)


def test_the_files_may_be_in_one_folder_inside_the_zip(files: Files, tmp_path: Path):
    import_data_set(zipped(write(tmp_path / "data", files), inside="ml-small"))
    assert stored_ratings() == RATINGS


def test_the_files_may_be_in_one_folder_inside_the_folder(files: Files, tmp_path: Path):
    write(tmp_path / "outer" / "ml-small", files)
    import_data_set(tmp_path / "outer")
    assert stored_ratings() == RATINGS


@pytest.mark.parametrize("files", [ML_100K, ML_1M, ATOMIC], ids=["100K", "1M", "atomic"])
def test_demographics_are_stored_in_the_terms_of_movielens_1m(files: Files, tmp_path: Path):
    import_data_set(write(tmp_path / "data", files))
    stored = User.objects.order_by("movielens_id").values_list(
        "gender", "age_group", "occupation", "zip_code"
    )
    assert list(stored) == [("M", 18, 17, "85711"), ("F", 50, 20, "94043")]


def test_users_that_no_file_lists_come_from_the_ratings_in_order_of_appearance(tmp_path: Path):
    ratings = "userId,movieId,rating,timestamp\n7,1,5,10\n3,1,4,20\n"
    report = import_data_set(write(tmp_path / "data", ML_CSV, ratings_csv=ratings))
    assert list(User.objects.order_by("pk").values_list("movielens_id", flat=True)) == [7, 3]
    assert report.counts("users").created == 2


def test_links_bring_the_numbers_of_other_sites(tmp_path: Path):
    import_data_set(write(tmp_path / "data", ML_CSV))
    links = list(Movie.objects.order_by("movielens_id").values_list("imdb_id", "tmdb_id"))
    assert links == [("tt0114709", 862), ("tt0113497", None), ("", None)]


def test_half_stars_are_kept(tmp_path: Path):
    import_data_set(write(tmp_path / "data", ML_1M, ratings_dat="1::1::0.5::1\n2::1::4.5::2\n"))
    assert [stars for _user, _movie, stars, _time in stored_ratings()] == [0.5, 4.5]


def test_a_format_is_recognised_whatever_the_files_are_called(tmp_path: Path):
    folder = write(tmp_path / "data", ML_1M)
    for name, new_name in [("movies.dat", "films.txt"), ("users.dat", "people"), ("ratings.dat", "r.csv")]:
        (folder / name).rename(folder / new_name)
    assert import_data_set(folder).format == "MovieLens 1M or 10M"
    assert stored_ratings() == RATINGS


def test_the_columns_of_a_header_may_come_in_any_order(tmp_path: Path):
    ratings = "timestamp,rating,movieId,userId,note\n10,4.5,2,1,x\n"
    import_data_set(write(tmp_path / "data", ML_CSV, ratings_csv=ratings))
    assert stored_ratings() == [(1, 2, 4.5, 10)]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path):
    ratings = "\ufeffuserId,movieId,rating,timestamp\r\n1,1,5,10\r\n\r\n"
    import_data_set(write(tmp_path / "data", ML_CSV, ratings_csv=ratings))
    assert stored_ratings() == [(1, 1, 5.0, 10)]


def test_a_missing_newline_at_the_end_loses_no_row(tmp_path: Path):
    import_data_set(write(tmp_path / "data", ML_1M, ratings_dat="1::1::5::10\n2::1::4::20"))
    assert len(stored_ratings()) == 2


def test_titles_may_hold_colons_quotes_and_any_script(tmp_path: Path):
    movies = '1::Alien:: The "Cut" (1979)::Horror\n2::千と千尋 🎬 (2001)::\n3::Untitled::\n'
    import_data_set(write(tmp_path / "data", ML_1M, movies_dat=movies))
    assert [title for _id, title, _year, _genres in stored_movies()][:2] == [
        'Alien:: The "Cut"',
        "千と千尋 🎬",
    ]


def test_the_release_date_of_100k_stands_in_for_a_missing_year(tmp_path: Path):
    item = f"1|Untitled|04-Feb-1971||http://example.org|{'0|' * 18}0\n"
    folder = write(tmp_path / "data", ML_100K, u_item=item, u_data="1\t1\t5\t1\n")
    import_data_set(folder)
    assert stored_movies() == [(1, "Untitled", 1971, [])]


def test_genres_that_differ_only_in_writing_are_one_genre(tmp_path: Path):
    movies = "1::A (1990)::Sci-Fi\n2::B (1991)::Sci Fi|sci-fi\n3::C::\n"
    import_data_set(write(tmp_path / "data", ML_1M, movies_dat=movies))
    assert [genres for *_rest, genres in stored_movies()] == [["Sci-Fi"], ["Sci-Fi"], []]
