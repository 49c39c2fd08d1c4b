from unittest.mock import patch

from pymilvus.exceptions import MilvusException

from recommendations.vector_index import Collection, VectorIndexUnavailable, rows
from recommendations.vector_index.connection import SEARCH_SECONDS


def test_loading_a_forgotten_collection_keeps_the_deadline_of_the_search() -> None:
    refusal = VectorIndexUnavailable("not loaded")
    refusal.__cause__ = MilvusException(rows.NOT_LOADED, "not loaded")
    with patch.object(rows, "call", autospec=True, side_effect=[refusal, None, ["found"]]) as call:
        found = rows.read("search", Collection("movies_v1", 1), timeout=SEARCH_SECONDS)
    assert found == ["found"]
    assert [kwargs["timeout"] for _args, kwargs in call.call_args_list] == [SEARCH_SECONDS] * 3
    assert call.call_args_list[1].args == ("load_collection", "movies_v1")
