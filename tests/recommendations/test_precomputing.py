"""Lists of all users as files: complete, resumable, never popular movies in place of personal ones."""

import json
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from catalog.models import User
from recommendations import tasks
from recommendations.models import ModelVersion, ServedList
from recommendations.precomputing import Shard, compute_shard, missing_shards
from recommendations.serving import ListRequest, recommend
from tests.engines import EngineProcess


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """The folder of the lists, empty."""
    folder = tmp_path / "lists"
    folder.mkdir()
    return folder


def precompute(folder: Path, **options: object) -> str:
    out = StringIO()
    call_command("precompute_recommendations", folder, limit=5, shard_users=40, stdout=out, **options)
    return out.getvalue()


def test_every_user_gets_the_list_that_the_site_would_show(
    live: ModelVersion, fan: User, lists: Path
) -> None:
    assert "80 users in" in precompute(lists)
    assert sorted(file.name for file in lists.iterdir()) == [
        "lists-000000000001-000000000040.jsonl",
        "lists-000000000041-000000000080.jsonl",
    ]
    rows = [json.loads(line) for file in sorted(lists.iterdir()) for line in file.open()]
    assert [row["user_id"] for row in rows] == list(range(1, 81))
    shown = recommend(fan, ListRequest(limit=5), store=False)
    assert [movie["id"] for movie in rows[fan.pk - 1]["movies"]] == [one.movie.id for one in shown.results]
    assert rows[fan.pk - 1]["source"] == "personal"
    assert not ServedList.objects.exists()


def test_a_second_run_does_only_what_is_missing(live: ModelVersion, lists: Path) -> None:
    compute_shard(Shard(1, 40), lists, limit=5)
    assert list(missing_shards(lists, size=40)) == [Shard(41, 80)]
    assert "40 users in" in precompute(lists)


def test_without_milvus_no_file_is_written(live: ModelVersion, milvus: EngineProcess, lists: Path) -> None:
    milvus.kill()
    with pytest.raises(CommandError, match="does not answer; run it again to go on"):
        precompute(lists)
    assert list(lists.iterdir()) == []


def test_shards_can_be_left_to_workers(stored: None, lists: Path) -> None:
    with patch.object(tasks.precompute_shard, "delay", autospec=True) as delay:
        assert precompute(lists, queue=True) == "2 shards queued\n"
    assert [call.args for call in delay.call_args_list] == [
        (1, 40, str(lists), 5),
        (41, 80, str(lists), 5),
    ]


def test_a_length_that_no_list_has_is_refused(db: None, lists: Path) -> None:
    with pytest.raises(CommandError, match="--limit must be"):
        call_command("precompute_recommendations", lists, limit=0)
