"""The engines that the tests start can be stopped, paused and killed, and leave nothing behind."""

import os

import pytest

from tests import engines
from tests.engines import EngineProcess


def test_milvus_answers_again_after_it_was_killed(milvus: EngineProcess) -> None:
    milvus.kill()
    assert not engines.milvus_answers()
    milvus.start()
    assert engines.milvus_answers()


def test_a_stopped_engine_leaves_no_process_behind(milvus: EngineProcess) -> None:
    group = milvus._process.pid
    milvus.stop()
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
