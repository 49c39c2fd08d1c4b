"""Shadow mode: control serves, a worker computes both."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import User
from recommendations import vector_index
from recommendations.experiments.lifecycle import change_share
from recommendations.experiments.models import Arm, Experiment, ShadowComparison
from recommendations.experiments.report import report
from recommendations.experiments.shadow import compare_waiting, overlap
from recommendations.models import ServedList
from recommendations.serving import ListRequest, recommend
from recommendations.tasks import compare_shadow_lists
from tests.factories import UserFactory


def test_everybody_is_served_by_control_and_the_worker_compares(shadow: Experiment, fan: User) -> None:
    answer = recommend(fan, ListRequest(limit=12, genre="action", diversity=0.3, exclude=(100,)))
    served = ServedList.objects.get(pk=answer.list_id)
    assert (answer.model_version, served.arm, served.experiment) == (1, Arm.SHADOW, shadow)
    compare_shadow_lists()
    found = ShadowComparison.objects.get(served_list=served)
    assert found.overlap is not None
    assert 0 <= found.overlap <= 1
    assert found.control_ms is not None
    assert found.challenger_size == len(answer.results)
    assert compare_waiting() == 0  # once


def test_the_report_tells_overlap_times_and_faults(shadow: Experiment, fan: User) -> None:
    for _list in range(3):
        recommend(fan)
    compare_waiting()
    vector_index.drop(shadow.challenger_collection)
    recommend(fan)
    compare_waiting()
    told = report(shadow)
    assert (told["lists"], told["compared"], told["people"]) == (4, 4, 1)
    assert told["overlap"]["value"] == pytest.approx(
        ShadowComparison.objects.filter(error="").first().overlap  # type: ignore[union-attr]
    )
    assert told["errors"]["value"] == 0.25
    assert told["empty"]["value"] == 0.0
    assert told["milliseconds"]["control"]["p50"] > 0


@pytest.mark.django_db
def test_the_lists_of_one_person_are_not_taken_for_independent() -> None:
    since, times = timezone.now(), {"control_ms": 1.0, "challenger_ms": 1.0}
    experiment = Experiment.objects.create(
        control=1, challenger=2, share=9, mode="shadow", state="running", started_at=since, share_since=since
    )
    for user, error in ((UserFactory(), ""), (UserFactory(), "away")):
        for _list in range(50):
            served = ServedList.objects.create(user=user, experiment=experiment, arm="shadow", movie_ids=[])
            ShadowComparison.objects.create(served_list=served, challenger_size=20, error=error, **times)
    told = report(experiment)
    assert told["errors"] == {"value": 0.5, "low": 0.0, "high": 1.0}  # of two people everything can be
    # no list of one person was empty, Wilson: z² / (n + z²) = 3.8415 / 4.8415
    assert told["empty"] == {"value": 0.0, "low": 0.0, "high": pytest.approx(0.7935, abs=1e-4)}


def test_only_a_share_of_the_lists_is_computed_twice(shadow: Experiment, fan: User) -> None:
    change_share(shadow, Decimal("0.01"))
    recommend(fan)
    assert not ServedList.objects.filter(arm=Arm.SHADOW).exists()


def test_what_a_worker_did_not_get_to_in_time_is_left(shadow: Experiment, fan: User) -> None:
    recommend(fan)
    ServedList.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert compare_waiting() == 0


def test_overlap_is_the_share_of_controls_first_ten() -> None:
    assert overlap([1, 2, 3, 4], [4, 3, 9, 8]) == 0.5
    assert overlap(list(range(20)), list(range(10, 30))) == 0.0  # the eleventh counts no more
    assert overlap([1, 2], []) == 0.0
    assert overlap([], [1]) is None
