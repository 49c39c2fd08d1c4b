"""generate_synthetic: deterministic, long-tailed, and the same in the catalogue as in a folder."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from catalog.models import Movie, Rating, User
from catalog.movielens.importer import import_data_set
from catalog.synthetic.movies import GENRES
from catalog.synthetic.world import SizeImpossible, SyntheticData
from tests.factories import MovieFactory

SMALL = {"users": 60, "movies": 150, "ratings": 1_500}


def rated_places(data: SyntheticData) -> np.ndarray:
    return np.concatenate([rated.places for _number, rated in data.ratings_by_user()])


def test_there_are_as_many_ratings_as_asked_for_and_none_twice() -> None:
    data = SyntheticData(**SMALL)
    for _number, rated in data.ratings_by_user():
        assert len(np.unique(rated.places)) == len(rated.places) >= 5
        assert (np.diff(rated.seconds) >= 0).all()
        assert set(rated.stars * 2) <= set(range(1, 11))
    assert len(rated_places(data)) == 1_500


def test_the_same_seed_gives_the_same_data_and_another_one_other_data() -> None:
    first = rated_places(SyntheticData(**SMALL, seed=3))
    np.testing.assert_array_equal(first, rated_places(SyntheticData(**SMALL, seed=3)))
    assert not np.array_equal(first, rated_places(SyntheticData(**SMALL, seed=4)))


def test_few_movies_and_few_users_have_much_of_the_ratings() -> None:
    data = SyntheticData(users=300, movies=1_000, ratings=20_000)
    per_movie = np.sort(np.bincount(rated_places(data), minlength=1_000))[::-1]
    per_user = np.sort([len(rated.places) for _number, rated in data.ratings_by_user()])[::-1]
    assert per_movie[:100].sum() > 0.3 * 20_000  # a tenth of the movies has a third of the ratings
    assert per_user[:30].sum() > 0.25 * 20_000
    assert np.median(per_user) < per_user.mean()


def test_people_rate_by_a_taste_of_their_own() -> None:
    """Half of somebody's ratings tell more about the genres of the other half than somebody else's do."""
    data = SyntheticData(users=200, movies=1_000, ratings=20_000)
    genre = np.array([GENRES.index(row.genres[0]) for row in data.movie_rows()])
    halves = [
        [
            np.bincount(genre[part], minlength=32) / len(part)
            for part in (rated.places[::2], rated.places[1::2])
        ]
        for _number, rated in data.ratings_by_user()
        if len(rated.places) > 60
    ]
    own = np.mean([first @ second for first, second in halves])
    others = np.mean([a[0] @ b[1] for a, b in pairwise(halves)])
    assert own > 1.1 * others


@pytest.mark.django_db
def test_the_command_fills_an_empty_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("generate_synthetic", **SMALL)
    assert (User.objects.count(), Movie.objects.count(), Rating.objects.count()) == (60, 150, 1_500)
    most_rated = Movie.objects.visible().popular().first()
    assert most_rated is not None
    assert most_rated.rating_count == most_rated.ratings.count()
    assert "1,500 ratings, seed 0: in the catalogue" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_folder_imports_as_what_the_command_stores(tmp_path: Path) -> None:
    call_command("generate_synthetic", **SMALL, out=tmp_path / "data")
    import_data_set(tmp_path / "data")
    columns = ("user__movielens_id", "movie__movielens_id", "stars", "rated_at")
    imported = set(Rating.objects.values_list(*columns))
    titles = list(Movie.objects.order_by("movielens_id").values_list("title", "year"))
    Movie.objects.all().delete()
    User.objects.all().delete()
    call_command("generate_synthetic", **SMALL)
    assert set(Rating.objects.values_list(*columns)) == imported
    assert list(Movie.objects.order_by("movielens_id").values_list("title", "year")) == titles


@pytest.mark.django_db
def test_a_catalogue_that_holds_movies_is_left_alone() -> None:
    MovieFactory()
    with pytest.raises(CommandError, match="not empty"):
        call_command("generate_synthetic", **SMALL)
    assert Movie.objects.count() == 1


def test_a_folder_that_holds_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(CommandError, match="is there already"):
        call_command("generate_synthetic", **SMALL, out=tmp_path)


@pytest.mark.parametrize("ratings", [59 * 5, 60 * 50 + 1])
def test_an_impossible_number_of_ratings_names_the_bounds(ratings: int) -> None:
    with pytest.raises(SizeImpossible, match="from 300 to 3,000 ratings"):
        SyntheticData(users=60, movies=150, ratings=ratings)
