import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from catalog.models import Rating, User
from recommendations import evaluation, promotion, vector_index
from recommendations.leases import lease
from recommendations.live_model import live_model
from recommendations.models import ModelVersion
from tests import world
from tests.engines import EngineProcess


def output_of(command: str, *args: object, **options: object) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def test_recommend_prints_latest_ratings_beside_the_list(live: ModelVersion, fan: User) -> None:
    text = output_of("recommend", fan.username, limit=3)
    latest = Rating.objects.of(fan).newest_first().first()
    assert latest is not None
    assert str(latest.movie) in text
    assert "model version 1" in text
    assert "  3. " in text
    assert "  4. " not in text


def test_recommend_names_an_unknown_user(db: None) -> None:
    with pytest.raises(CommandError, match="'nobody'"):
        call_command("recommend", "nobody")


def test_check_index_is_content_when_nothing_differs(live: ModelVersion) -> None:
    assert output_of("check_index") == "catalogue and index agree\n"


def test_check_index_lists_differences_and_fails_and_repair_mends_them(live: ModelVersion) -> None:
    vector_index.delete(live_model().collection, [100])
    out = StringIO()
    with pytest.raises(CommandError, match="1 movies differ"):
        call_command("check_index", stdout=out)
    assert "missing: 100" in out.getvalue()
    assert "mended" in output_of("check_index", repair=True)
    assert output_of("check_index") == "catalogue and index agree\n"


def test_rebuild_index_without_a_version_says_what_to_do(stored: None, milvus: EngineProcess) -> None:
    with pytest.raises(CommandError, match="train_model"):
        call_command("rebuild_index")


def test_promote_model_names_the_versions_that_exist(live: ModelVersion) -> None:
    with pytest.raises(CommandError, match="no model version 7; there are: 1"):
        call_command("promote_model", "7")


def test_promote_and_rollback_say_what_is_live(live: ModelVersion) -> None:
    world.register_version(2)
    assert output_of("promote_model", "2") == "version 2 is live in movies_v2\n"
    assert output_of("rollback_model") == "version 1 is live again\n"


def test_a_command_without_milvus_is_one_clear_line(live: ModelVersion, milvus: EngineProcess) -> None:
    milvus.kill()
    with pytest.raises(CommandError, match="Fail connecting"):
        call_command("rebuild_index")


def test_a_command_without_a_database_is_one_clear_line(db: None) -> None:
    gone = OperationalError(2002, "Can't connect to server")
    with (
        patch.object(promotion, "version_to_rebuild", autospec=True, side_effect=gone),
        pytest.raises(CommandError, match=r"the database does not answer: .*Can't connect"),
    ):
        call_command("rebuild_index")


def rate_in_turns() -> None:
    """Everybody's ratings spread over the same days, so that some come after any cut."""
    for place, rating in enumerate(Rating.objects.order_by("pk")):
        rating.rated_at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=place * 7919 % 1000)
        rating.save(update_fields=["rated_at"])


def test_evaluate_model_without_anybody_to_ask_says_so(stored: None) -> None:
    with pytest.raises(CommandError, match="no user has five ratings before the cut"):
        call_command("evaluate_model", protocol="temporal")


def test_evaluate_model_without_ratings_says_so(db: None) -> None:
    with pytest.raises(CommandError, match="no ratings yet"):
        call_command("evaluate_model")


@pytest.mark.parametrize("option", ["rankings", "report"])
def test_evaluate_model_refuses_a_file_that_cannot_be_written_before_it_trains(
    db: None, tmp_path: Path, option: str
) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("evaluate_model", **{option: tmp_path / "missing" / "file"})


def test_two_evaluations_rank_one_after_the_other(
    stored: None, milvus: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "WAIT_SECONDS", 0.0)
    rate_in_turns()
    with (
        lease(evaluation.RANKING, "the ranking of another evaluation"),
        pytest.raises(CommandError, match="the ranking of another evaluation is under way"),
    ):
        call_command("evaluate_model", config=world.config_file(world.QUICK_CONFIG))


@pytest.mark.parametrize("protocol", ["leave-one-out", "temporal"])
def test_evaluate_model_writes_rankings_that_anybody_can_score(
    stored: None, milvus: EngineProcess, tmp_path: Path, protocol: str
) -> None:
    rate_in_turns()
    config, rankings, report = (tmp_path / name for name in ("quick.json", "rankings.csv", "report.json"))
    config.write_text(json.dumps(world.QUICK_CONFIG))
    text = output_of("evaluate_model", protocol=protocol, config=config, rankings=rankings, report=report)
    with rankings.open() as file:
        rows = list(csv.DictReader(file))
    assert {"user_id": rows[0]["user_id"], "rank": "1", "movie_id": rows[0]["movie_id"]} == rows[0]
    metrics = json.loads(report.read_text())["metrics"]
    assert metrics["two towers"]["users"] == len({row["user_id"] for row in rows})
    assert metrics["two towers"]["NDCG@10"] > metrics["popularity"]["NDCG@10"]
    assert "seen movies ranked: 0" in text
    assert vector_index.collections() == []
