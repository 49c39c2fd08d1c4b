"""What people in either arm are served, with two real models in one Milvus."""

import gc
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AnonymousUser
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from catalog.models import Movie, User
from recommendations import vector_index
from recommendations.experiments.arms import forget_experiment, model_for, running_experiment
from recommendations.experiments.ending import stop
from recommendations.experiments.lifecycle import change_share
from recommendations.experiments.metrics import FAULTS, LISTS
from recommendations.experiments.models import Arm, Experiment
from recommendations.experiments.shadow import compare_waiting
from recommendations.hindsight import look_back
from recommendations.index_sync import repair_challenger
from recommendations.live_model import live_model, load_model, model_beside, release_model_beside
from recommendations.models import ModelVersion, ServedList
from recommendations.serving import ListRequest, recommend
from recommendations.similar import similar_movies
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index.connection import SEARCH_SECONDS
from recommendations.why import why
from tests.factories import UserFactory

FanIn = Callable[[Experiment, Arm], User]


@pytest.mark.parametrize(("arm", "version"), [(Arm.CONTROL, 1), (Arm.CHALLENGER, 2)])
def test_each_arm_is_served_by_its_own_version_and_that_is_recorded(
    running: Experiment, fan_in: FanIn, arm: Arm, version: int
) -> None:
    user = fan_in(running, arm)
    counted = LISTS.labels(arm.value, "own")._value.get()
    answer = recommend(user)
    served = ServedList.objects.get(pk=answer.list_id)
    assert (answer.source, answer.model_version) == ("personal", version)
    assert (served.experiment, served.arm, served.model_version) == (running, arm, version)
    assert LISTS.labels(arm.value, "own")._value.get() == counted + 1


def test_the_two_arms_of_one_taste_get_different_lists(running: Experiment, fan_in: FanIn) -> None:
    user = fan_in(running, Arm.CHALLENGER)
    scores = [one.score for one in recommend(user, store=False).results]
    stop(running)
    assert [one.score for one in recommend(user, store=False).results] != scores


def test_all_of_a_persons_pages_are_answered_by_their_arm(running: Experiment, fan_in: FanIn) -> None:
    user, movie = fan_in(running, Arm.CHALLENGER), Movie.objects.get(pk=100)
    listed = recommend(user, ListRequest(limit=1), store=False).results[0].movie
    assert why(user, Movie.objects.get(pk=listed.id)).model_version == 2
    assert model_for(user).collection == running.challenger_collection
    assert look_back(user) is not None
    assert similar_movies(movie, reader=user) != []


def test_who_has_no_account_is_in_control(running: Experiment) -> None:
    assert model_for(AnonymousUser()).version == model_for(None).version == 1
    assert ServedList.objects.get(pk=recommend(None).list_id).arm == ""


def test_who_gets_popular_movies_in_either_arm_is_not_counted(running: Experiment) -> None:
    answer = recommend(UserFactory())
    assert (answer.source, ServedList.objects.get(pk=answer.list_id).arm) == ("popular", "")


def test_a_challenger_whose_collection_is_gone_is_replaced_by_control(
    running: Experiment, fan_in: FanIn
) -> None:
    user = fan_in(running, Arm.CHALLENGER)
    recommend(user)
    vector_index.drop(running.challenger_collection)
    faults = FAULTS.labels("VectorIndexUnavailable")._value.get()
    answer = recommend(user)
    assert (answer.source, answer.model_version, answer.notice) == ("personal", 1, "")
    assert ServedList.objects.get(pk=answer.list_id).arm == Arm.CHALLENGER  # where the person belongs
    assert FAULTS.labels("VectorIndexUnavailable")._value.get() == faults + 1


def test_a_challenger_that_answers_late_keeps_nobody_from_controls_list(
    running: Experiment, fan_in: FanIn
) -> None:
    search = MilvusClient.search

    def late_in_the_challenger(client: MilvusClient, name: str, **kwargs: Any) -> Any:
        if name == running.collection:
            time.sleep(SEARCH_SECONDS)
            raise MilvusException(message="no answer in time")
        return search(client, name, **kwargs)

    with patch.object(MilvusClient, "search", autospec=True, side_effect=late_in_the_challenger) as searched:
        answers = [recommend(fan_in(running, arm)) for arm in (Arm.CHALLENGER, Arm.CONTROL)]
        recommend(fan_in(running, Arm.CHALLENGER))
    assert [(one.source, one.model_version) for one in answers] == [("personal", 1), ("personal", 1)]
    asked = [args[1] for args, _kwargs in searched.call_args_list]
    assert asked == ["movies_v2", "movies_v1", "movies_v1", "movies_v1"]  # who was late is left alone


def test_a_challenger_whose_files_are_damaged_is_replaced_by_control(
    running: Experiment, fan_in: FanIn
) -> None:
    release_model_beside()
    (running.challenger_version.folder / "weights.npz").write_bytes(b"nothing")
    user = fan_in(running, Arm.CHALLENGER)
    answer = recommend(user, ListRequest(limit=1))
    assert answer.model_version == 1
    assert why(user, Movie.objects.get(pk=answer.results[0].movie.id)).model_version == 1


def test_a_collection_of_another_model_is_not_searched(running: Experiment, fan_in: FanIn) -> None:
    release_model_beside()
    ModelVersion.objects.filter(number=2).update(checksum="0" * 64)
    assert recommend(fan_in(running, Arm.CHALLENGER)).model_version == 1


def test_a_changed_share_moves_only_whom_it_must(running: Experiment) -> None:
    def versions() -> dict[int, int]:
        people = User.objects.filter(username__startswith="fan").order_by("pk")[:20]
        return {user.pk: model_for(user).version for user in people}

    half = versions()
    change_share(running, running.share + 30, changed_by="Ada")
    more = versions()
    assert {pk for pk, version in half.items() if version == 2} < {pk for pk, v in more.items() if v == 2}
    assert [row[1:] for row in running.shares] == [["50", "Ada"], ["80.00", "Ada"]]


def test_nobody_is_in_an_arm_once_another_version_is_live(running: Experiment, fan_in: FanIn) -> None:
    user = fan_in(running, Arm.CHALLENGER)
    Experiment.objects.filter(pk=running.pk).update(control=9)  # what is live is not what is compared
    forget_experiment()
    assert recommend(user).model_version == 1


def held_models() -> int:
    gc.collect()
    return sum(type(thing) is ServingModel for thing in gc.get_objects())


def test_a_process_holds_two_models_and_one_after_the_experiment(running: Experiment, fan_in: FanIn) -> None:
    live_model(), recommend(fan_in(running, Arm.CHALLENGER))
    before = held_models()
    stop(running)
    recommend(fan_in(running, Arm.CHALLENGER))
    assert held_models() == before - 1


@pytest.mark.parametrize("look", [compare_waiting, repair_challenger])
def test_a_worker_holds_one_model_after_the_experiment(running: Experiment, look: Callable[[], Any]) -> None:
    live_model(), model_beside(running.challenger_collection)
    before = held_models()
    look()
    assert held_models() == before  # the challenger's may be asked for at any moment
    stop(running)
    look()
    assert held_models() == before - 1


def test_a_model_that_was_read_while_its_experiment_ended_is_let_go_of(running: Experiment) -> None:
    def end_meanwhile(version: ModelVersion) -> ServingModel:
        stop(running)
        assert running_experiment() is None
        return load_model(version)

    live_model(), release_model_beside()
    before = held_models()
    with patch("recommendations.live_model.load_model", autospec=True, side_effect=end_meanwhile):
        model_beside(running.challenger_collection)
    forget_experiment(), running_experiment()
    assert held_models() == before


def test_who_asked_for_a_model_gets_it_though_another_thread_lets_go_of_it(running: Experiment) -> None:
    def release_meanwhile() -> float:
        release_model_beside()
        return time.monotonic()

    with patch("recommendations.live_model.time", wraps=time) as clock:
        clock.monotonic.side_effect = release_meanwhile
        assert model_beside(running.challenger_collection).version == 2
