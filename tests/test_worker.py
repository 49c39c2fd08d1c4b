"""A real worker on the embedded engines: a folder as broker, SQLite, Milvus Lite."""

from collections.abc import Callable

import pytest

from catalog.models import Movie
from recommendations import vector_index
from recommendations.live_model import forget_live_model, live_model
from recommendations.promotion import promote
from tests import world
from tests.engines import EngineProcess, wait_until


@pytest.mark.usefixtures("transactional_db", "model_dir", "milvus")
def test_a_change_of_a_movie_reaches_milvus_by_itself(start_worker: Callable[..., EngineProcess]) -> None:
    world.store_world()
    forget_live_model()
    promote(world.register_version(1))
    start_worker("sync")
    Movie.objects.filter(pk=100).update(year=1966)
    collection = live_model().collection
    wait_until(
        lambda: vector_index.fetch(collection, [100])[100].year == 1966,
        seconds=30,
        what="the change in Milvus",
    )
