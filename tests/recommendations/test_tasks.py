"""Workers meet work whose row is gone: the message outlived it."""

from collections.abc import Callable

import pytest

from recommendations import tasks

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("task", [tasks.run_training, tasks.run_index_job, tasks.prepare_experiment])
def test_work_whose_row_is_gone_is_one_line_of_the_log(
    task: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    task(404)
    [record] = caplog.records
    assert "404" in record.getMessage()
    assert "does not exist" in record.getMessage()
