"""Importing again updates, never duplicates, touches nothing of people, and notices other data."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from catalog.merging import merge_movies
from catalog.models import Genre, Movie, MovieChange, Rating, User
from catalog.movielens import users
from catalog.movielens.errors import ImportRejected
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
)
from tests.factories import MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set that is imported."""
    folder = write(tmp_path / "data", ML_1M)
    import_data_set(folder)
    MovieChange.objects.all().delete()
    return folder


def changed_movies() -> set[int]:
    return set(MovieChange.objects.values_list("movie_id", flat=True))


def movie(number: int) -> Movie:
    return Movie.objects.get(movielens_id=number)


@pytest.mark.parametrize("files", FORMATS.values(), ids=FORMATS.keys())
def test_a_second_import_changes_nothing(files: Files, tmp_path: Path):
    folder = write(tmp_path / "data", files)
    import_data_set(folder)
    before = stored_movies(), stored_ratings(), list(User.objects.order_by("pk").values())
    MovieChange.objects.all().delete()
    report = import_data_set(folder)
    assert (stored_movies(), stored_ratings(), list(User.objects.order_by("pk").values())) == before
    assert changed_movies() == set()
    assert {(c.created, c.updated) for file in report.files for c in file.counts.values()} == {(0, 0)}


def test_every_import_tells_created_updated_and_unchanged_apart(folder: Path):
    rows = "1::1::5::881250949\n2::2::4::891717742\n1::2::4::881250950\n2::1::1::10\n"
    report = import_data_set(write(folder, ML_1M, ratings_dat=rows))
    ratings = report.counts("ratings")
    assert (ratings.created, ratings.updated, ratings.unchanged) == (1, 2, 1)


def test_changed_stars_and_times_are_updated(folder: Path):
    import_data_set(write(folder, ML_1M, ratings_dat="1::1::0.5::881250949\n1::2::4::99\n"))
    assert {(1, 1, 0.5, 881250949), (1, 2, 4.0, 99)} < set(stored_ratings())


def test_changed_movies_are_updated_and_announced_and_the_others_are_not(folder: Path):
    movies = "1::Toy Box (1995)::Animation|Children's|Comedy\n2::Cafés (1997)::Drama\n3::Untitled::War\n"
    report = import_data_set(write(folder, ML_1M, movies_dat=movies))
    assert stored_movies()[1:] == [(2, "Cafés", 1997, ["Drama"]), (3, "Untitled", None, ["War"])]
    assert changed_movies() == {movie(2).pk, movie(3).pk}
    assert (report.counts("movies").updated, report.counts("movies").unchanged) == (2, 1)


def test_a_changed_title_is_found_under_its_new_name(folder: Path):
    import_data_set(write(folder, ML_1M, movies_dat="2::Élan (1997)::Drama\n1::A::\n3::B::\n"))
    assert list(Movie.objects.matching("elan")) == [movie(2)]


def test_created_movies_are_announced(tmp_path: Path):
    import_data_set(write(tmp_path / "data", ML_1M))
    assert changed_movies() == set(Movie.objects.values_list("pk", flat=True))


def test_created_movies_are_announced_where_the_database_returns_no_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    features = type(connection.features)
    monkeypatch.setattr(features, "can_return_rows_from_bulk_insert", False)  # as in MySQL
    import_data_set(write(tmp_path / "data", ML_1M))
    assert changed_movies() == set(Movie.objects.values_list("pk", flat=True))
    assert stored_movies()[0] == (1, "Toy Box", 1995, ["Animation", "Children's", "Comedy"])


def test_changed_links_are_announced(tmp_path: Path):
    folder = write(tmp_path / "data", ML_CSV)
    import_data_set(folder)
    MovieChange.objects.all().delete()
    import_data_set(write(folder, ML_CSV, links_csv="movieId,imdbId,tmdbId\n1,0114709,862\n2,0000001,5\n"))
    assert changed_movies() == {movie(2).pk}
    assert movie(2).imdb_id == "tt0000001"


def test_what_the_data_do_not_know_of_a_movie_stays(folder: Path):
    Movie.objects.filter(movielens_id=1).update(withdrawn=True, tmdb_id=862)
    import_data_set(write(folder, ML_1M, movies_dat="1::New Title (1995)::\n2::A::\n3::B::\n"))
    assert (movie(1).title, movie(1).withdrawn, movie(1).tmdb_id) == ("New Title", True, 862)


def test_movies_without_a_movielens_number_are_none_of_its_business(folder: Path):
    own = MovieFactory(title="Toy Box", genres=["Drama"])
    import_data_set(folder)
    own.refresh_from_db()
    assert (own.movielens_id, own.title, own.genres.count()) == (None, "Toy Box", 1)


def test_changed_demographics_are_updated(folder: Path):
    import_data_set(write(folder, ML_1M, users_dat="1::F::25::17::85711\n2::F::50::20::94043\n"))
    user = User.objects.get(movielens_id=1)
    assert (user.gender, user.age_group) == ("F", 25)


def test_nobody_can_log_in_to_an_imported_account(folder: Path):
    user = User.objects.get(username="movielens-1")
    assert not user.has_usable_password()


def test_an_account_of_the_site_keeps_its_name_and_all_it_has(tmp_path: Path):
    person = UserFactory(username="movielens-1", gender="X")
    import_data_set(write(tmp_path / "data", ML_1M))
    person.refresh_from_db()
    assert (person.movielens_id, person.gender, person.ratings.count()) == (None, "X", 0)
    assert User.objects.get(movielens_id=1).username == "movielens-1-2"


def test_a_name_that_the_database_takes_for_another_makes_room(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As MySQL takes a letter that means nothing for none at all."""
    answers = [{"movielens\u00ad-1"}, {"m\u00f6vielens-2-2"}, set()]
    monkeypatch.setattr(users, "taken_usernames", lambda names: answers.pop(0))
    assert users.free_usernames([1, 2]) == {1: "movielens-1-3", 2: "movielens-2-3"}


def test_an_imported_account_that_got_a_password_is_left_alone(folder: Path):
    person = User.objects.get(movielens_id=1)
    person.set_password("of my own")
    person.gender = "X"
    person.save()
    Rating.objects.filter(user=person, movie=movie(1)).update(stars=0.5)
    Rating.objects.filter(user=person, movie=movie(2)).delete()
    report = import_data_set(folder)
    person.refresh_from_db()
    assert person.gender == "X"
    assert list(person.ratings.values_list("movie__movielens_id", "stars")) == [(1, 0.5)]
    assert (report.counts("users").left_alone, report.counts("ratings").left_alone) == (1, 2)


def test_ratings_that_people_give_on_the_site_are_kept(folder: Path):
    rating = RatingFactory(movie=movie(1), stars=2.5)
    import_data_set(folder)
    rating.refresh_from_db()
    assert rating.stars == 2.5


def test_rating_statistics_are_right_after_every_import(folder: Path):
    assert (movie(2).rating_count, movie(2).rating_mean) == (2, 3.5)
    import_data_set(write(folder, ML_1M, ratings_dat="1::2::1::10\n"))
    assert (movie(2).rating_count, movie(2).rating_mean) == (2, 2.0)
    assert Movie.objects.filter(rating_count=0).count() == 0


def test_a_genre_whose_slug_an_operator_changed_is_still_the_same(folder: Path):
    Genre.objects.filter(name="Drama").update(slug="dramas")
    before = stored_movies()
    import_data_set(folder)
    assert stored_movies() == before
    assert Genre.objects.get(name="Drama").slug == "dramas"


def test_a_link_that_the_file_lacks_stays_as_an_operator_entered_it(tmp_path: Path):
    folder = write(tmp_path / "data", ML_CSV, links_csv="movieId,imdbId,tmdbId\n1,0114709,\n2,,5\n")
    import_data_set(folder)
    Movie.objects.filter(movielens_id=1).update(tmdb_id=862)
    Movie.objects.filter(movielens_id=2).update(imdb_id="tt0113497")
    assert import_data_set(folder).counts("links").unchanged == 2
    links = Movie.objects.order_by("movielens_id").values_list("imdb_id", "tmdb_id")
    assert list(links[:2]) == [("tt0114709", 862), ("tt0113497", 5)]


BOTH = "1::1::5::20\n1::2::4::10\n2::1::3::10\n2::2::2::20\n3::2::1::10\n"


def test_ratings_of_a_merged_movie_stay_with_the_kept_one_however_often_they_are_imported(tmp_path: Path):
    """Each of the first two people has rated both movies, the later time the one or the other."""
    folder = write(tmp_path / "data", ML_1M, users_dat=None, ratings_dat=BOTH)
    import_data_set(folder)
    merge_movies(movie(1), movie(2))
    merged = [(1, 1, 5.0, 20), (2, 1, 2.0, 20), (3, 1, 1.0, 10)]
    assert sorted(stored_ratings()) == merged
    report = import_data_set(folder).counts("ratings")
    assert sorted(stored_ratings()) == merged
    assert (report.created, report.updated, report.unchanged) == (0, 0, 5)
    import_data_set(write(folder, ML_1M, users_dat=None, ratings_dat=f"{BOTH}4::2::4::30\n"))
    assert sorted(stored_ratings()) == [*merged, (4, 1, 4.0, 30)]
    assert (movie(1).rating_count, movie(2).rating_count) == (4, 0)


def test_ratings_of_the_same_second_keep_the_order_of_the_file(tmp_path: Path):
    rows = "1::3::5::10\n1::1::5::10\n1::2::5::10\n"
    import_data_set(write(tmp_path / "data", ML_1M, ratings_dat=rows))
    history = Rating.objects.of(User.objects.get(movielens_id=1)).in_order()
    assert list(history.values_list("movie__movielens_id", flat=True)) == [3, 1, 2]


def test_times_are_stored_in_utc(folder: Path):
    assert Rating.objects.order_by("pk")[0].rated_at == datetime(1997, 12, 4, 15, 55, 49, tzinfo=UTC)


def test_the_same_data_in_another_format_only_update(folder: Path, tmp_path: Path):
    import_data_set(write(tmp_path / "atomic", ATOMIC))
    report = import_data_set(write(tmp_path / "100k", ML_100K))
    assert (Movie.objects.count(), User.objects.count(), Rating.objects.count()) == (3, 2, 4)
    assert report.counts("ratings").unchanged == 4


def many(titles: str, first_movie: int = 0) -> Files:
    """Thirty movies called `titles`, and ten people who each rated all of them."""
    ratings = [
        f"{user}::{1 + (movie + first_movie) % 30}::4::{1000 * user + movie}\n"
        for user in range(1, 11)
        for movie in range(30)
    ]
    return {
        "movies.dat": "".join(f"{number}::{titles} {number} (1999)::Drama\n" for number in range(1, 31)),
        "ratings.dat": "".join(ratings),
    }


def test_other_movies_under_known_numbers_are_refused(tmp_path: Path):
    import_data_set(write(tmp_path / "one", many("Comedy of")))
    with pytest.raises(
        ImportRejected, match=r"movies.dat: only 0 of the 30 movies .* import it into an empty"
    ):
        import_data_set(write(tmp_path / "two", many("Tragedy of")))
    assert Movie.objects.filter(title__startswith="Tragedy").count() == 0


def test_other_people_under_known_numbers_are_refused(tmp_path: Path):
    import_data_set(write(tmp_path / "one", many("Comedy of")))
    with pytest.raises(ImportRejected, match=r"ratings.dat: only 0 of the first 300 ratings by known users"):
        import_data_set(write(tmp_path / "two", many("Comedy of", first_movie=7)))


def test_other_data_are_taken_on_trust_if_one_insists(tmp_path: Path):
    import_data_set(write(tmp_path / "one", many("Comedy of")))
    import_data_set(write(tmp_path / "two", many("Tragedy of")), trust_numbers=True)
    assert Movie.objects.filter(title__startswith="Tragedy").count() == 30


def test_a_newer_version_of_the_same_data_is_accepted(tmp_path: Path):
    data = many("Comedy of")
    import_data_set(write(tmp_path / "one", data))
    more = {**data, "ratings.dat": f"{data['ratings.dat']}11::1::5::99\n"}
    report = import_data_set(write(tmp_path / "two", more))
    assert (report.counts("ratings").created, report.counts("users").created) == (1, 1)
