"""Every change of a movie, wherever it is made, reaches Milvus while the worker runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.models import Genre, Movie, MovieChange
from recommendations import vector_index
from recommendations.index_sync import find_drift
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from recommendations.vector_index import IndexRow
from tests import engines
from tests.engines import EngineProcess, wait_until
from tests.factories import UserFactory

pytestmark = pytest.mark.services
SECONDS = 30


@pytest.fixture
def worker(live: ModelVersion, start_worker: Callable[..., EngineProcess]) -> EngineProcess:
    return start_worker("sync")


@pytest.fixture
def operator(live: ModelVersion) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def indexed(movie_id: int) -> IndexRow | None:
    return vector_index.fetch(live_model().collection, [movie_id]).get(movie_id)


def test_a_movie_created_in_the_panel_is_indexed(worker: EngineProcess, operator: Client) -> None:
    horror = Genre.objects.get(slug="horror")
    form = {"title": "Night of the Index", "year": "1968", "genres": [str(horror.pk)]}
    assert operator.post("/admin/catalog/movie/add/", form).status_code == 302
    movie = Movie.objects.get(title="Night of the Index")
    wait_until(lambda: indexed(movie.pk), seconds=SECONDS, what="the new movie is in Milvus")
    assert (indexed(movie.pk).year, indexed(movie.pk).genres) == (1968, ("horror",))


def test_a_movie_changed_in_the_panel_is_indexed_anew(worker: EngineProcess, operator: Client) -> None:
    comedy = Genre.objects.get(slug="comedy")
    operator.post(
        "/admin/catalog/movie/100/change/", {"title": "Changed", "year": "2001", "genres": [comedy.pk]}
    )
    wait_until(lambda: indexed(100).year == 2001, seconds=SECONDS, what="the change is in Milvus")
    assert indexed(100).genres == ("comedy",)


def test_a_deleted_movie_leaves_the_index(worker: EngineProcess, operator: Client) -> None:
    operator.post("/admin/catalog/movie/100/delete/", {"post": "yes"})
    assert not Movie.objects.filter(pk=100).exists()
    wait_until(lambda: indexed(100) is None, seconds=SECONDS, what="the movie is gone from Milvus")


def test_a_movie_added_and_withdrawn_over_the_api_reaches_the_index(
    worker: EngineProcess, operator: Client
) -> None:
    answer = operator.post("/api/v1/movies/", {"title": "By API", "year": 2020}, "application/json")
    movie_id = answer.json()["id"]
    wait_until(lambda: indexed(movie_id), seconds=SECONDS, what="the new movie is in Milvus")
    operator.patch(f"/api/v1/movies/{movie_id}/", {"withdrawn": True}, "application/json")
    wait_until(lambda: indexed(movie_id) is None, seconds=SECONDS, what="the withdrawn one is gone")


def test_imported_movies_are_indexed(worker: EngineProcess, tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n900,Imported Film (1999),Comedy|Drama\n")
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n7,900,4.5,978300760\n")
    call_command("import_movielens", str(tmp_path))
    movie = Movie.objects.get(movielens_id=900)
    wait_until(lambda: indexed(movie.pk), seconds=SECONDS, what="the imported movie is in Milvus")
    assert indexed(movie.pk).genres == ("comedy", "drama")


def test_a_change_made_in_a_shell_of_another_process_is_indexed(worker: EngineProcess) -> None:
    line = "from catalog.models import Movie; Movie.objects.filter(pk__in=[100, 101]).update(withdrawn=True)"
    engines.manage("shell", "-v0", "-c", line).wait(timeout=60)
    wait_until(lambda: indexed(100) is None, seconds=SECONDS, what="withdrawn movies are gone from Milvus")
    assert indexed(101) is None


def test_changes_made_while_no_worker_runs_are_passed_on_when_one_starts(
    live: ModelVersion, start_worker: Callable[..., EngineProcess]
) -> None:
    Movie.objects.filter(pk__in=range(100, 110)).update(year=1977)
    assert len(find_drift(live_model()).stale) == 10
    start_worker("sync")
    wait_until(
        lambda: not MovieChange.objects.pending().exists(), seconds=SECONDS, what="the outbox is empty"
    )
    assert not MovieChange.objects.pending().exists()


def test_changes_made_while_milvus_is_away_are_passed_on_when_it_is_back(
    worker: EngineProcess, milvus: EngineProcess
) -> None:
    milvus.pause()
    Movie.objects.filter(pk=100).update(year=1977)
    assert MovieChange.objects.pending().count() == 1
    milvus.resume()
    wait_until(lambda: indexed(100).year == 1977, seconds=60, what="the change is in Milvus")
