"""The real MovieLens data, against the figures of their README files.

Their folders lie in MOVIELENS_DATA, or in `shared/data` beside the project. Where there are none, the
tests are skipped, but not in CI.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Max, Min

from catalog.models import Genre, Movie, Rating, User
from catalog.movielens.errors import ImportRejected
from catalog.movielens.importer import import_data_set

pytestmark = pytest.mark.django_db

DATA = Path(os.environ.get("MOVIELENS_DATA", settings.BASE_DIR.parent / "shared" / "data"))


def data_set(name: str) -> Path:
    path = DATA / name
    if not path.is_dir():
        message = f"{path} is not there; set MOVIELENS_DATA to the folder that holds {name}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def totals() -> tuple[int, int, int]:
    return Movie.objects.count(), User.objects.count(), Rating.objects.count()


def test_movielens_100k_has_the_figures_of_its_readme():
    import_data_set(data_set("ml-100k"))
    assert totals() == (1682, 943, 100_000)
    assert Genre.objects.count() == 18
    assert User.objects.exclude(gender="").exclude(age_group=None).exclude(occupation=None).count() == 943
    assert Movie.objects.get(movielens_id=1).genres.count() == 3
    assert Movie.objects.filter(year=None).count() == 1  # "unknown"


def test_movielens_latest_small_has_the_figures_of_its_readme():
    report = import_data_set(data_set("ml-latest-small"))
    assert totals() == (9742, 610, 100_836)
    assert report.skipped == 0
    span = Rating.objects.aggregate(first=Min("rated_at"), last=Max("rated_at"))
    assert (f"{span['first']:%Y-%m-%d}", f"{span['last']:%Y-%m-%d}") == ("1996-03-29", "2018-09-24")
    assert Movie.objects.get(movielens_id=1).imdb_id == "tt0114709"
    assert Movie.objects.get(title="Death Note: Desu nôto").year == 2006


def test_one_data_set_is_not_imported_over_another():
    import_data_set(data_set("ml-100k"))
    with pytest.raises(ImportRejected, match="another data set that uses the same numbers"):
        import_data_set(data_set("ml-latest-small"))
    assert totals() == (1682, 943, 100_000)
