import pytest

from movierec import environment


@pytest.mark.parametrize("uri", ["http://127.0.0.1:abc", "http://127.0.0.1:99999"])
def test_a_port_that_is_none_stops_the_start_with_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.setenv("MILVUS_URI", uri)
    with pytest.raises(SystemExit, match=f"^movierec: MILVUS_URI: '{uri}' cannot be read"):
        environment.read_server("MILVUS_URI", "http://127.0.0.1:19530", ("http",))
