"""Figures of an A/B experiment from lists, clicks, marks and ratings; no index is needed."""

import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Mark, Movie, User
from recommendations.experiments.models import Arm, Experiment
from recommendations.experiments.report import report
from recommendations.models import ListFeedback, ServedList
from tests.factories import MarkFactory, MovieFactory, RatingFactory, UserFactory

pytestmark = pytest.mark.django_db
START = timezone.now() - timedelta(days=9)


@pytest.fixture
def experiment() -> Experiment:
    return Experiment.objects.create(
        control=1, challenger=2, share=Decimal(50), state="running", started_at=START, share_since=START
    )


def serve(
    experiment: Experiment, user: User, arm: Arm, movie: Movie, *, after: timedelta, **fields: Any
) -> Any:
    version = {Arm.CONTROL: 1, Arm.CHALLENGER: 2}[arm]
    row = {"model_version": version, "source": "personal", "movie_ids": [movie.pk]} | fields
    served = ServedList.objects.create(user=user, experiment=experiment, arm=arm, **row)
    ServedList.objects.filter(pk=served.pk).update(created_at=START + after)
    return served


def rate(user: User, movie: Movie, stars: float, at: datetime) -> None:
    RatingFactory(user=user, movie=movie, stars=stars, rated_at=at)


def figures(told: dict[str, Any], arm: Arm) -> dict[str, float]:
    return {name: metric["value"] for name, metric in told["arms"][arm]["metrics"].items()}


def test_each_arm_has_its_lists_clicks_ratings_and_hides(experiment: Experiment) -> None:
    ada, ben, movie = UserFactory(), UserFactory(), MovieFactory()
    served = serve(experiment, ada, Arm.CONTROL, movie, after=timedelta(hours=1))
    serve(experiment, ada, Arm.CONTROL, MovieFactory(), after=timedelta(hours=2))
    ListFeedback.objects.create(served_list=served, movie_id=movie.pk, kind="clicked")
    rate(ada, movie, 4.5, START + timedelta(days=1))
    serve(experiment, ben, Arm.CHALLENGER, movie, after=timedelta(hours=1), model_version=1)
    hidden = MarkFactory(user=ben, movie=movie, kind="hidden")
    Mark.objects.filter(pk=hidden.pk).update(created_at=START + timedelta(hours=2))
    told = report(experiment)
    assert figures(told, Arm.CONTROL) == {
        "click_rate": 0.5,
        "rating_rate": 0.5,
        "hide_rate": 0.0,
        "mean_stars": 4.5,
    }
    assert figures(told, Arm.CHALLENGER)["hide_rate"] == 1.0
    assert told["arms"]["challenger"]["other_model"] == 1  # control stepped in
    assert told["differences"]["click_rate"]["value"] == -0.5
    assert told["differences"]["mean_stars"]["value"] is None  # the challenger's lists led to no rating
    assert told["is_small"]


def test_a_rating_counts_for_a_week_and_once(experiment: Experiment) -> None:
    user, movie, late = UserFactory(), MovieFactory(), MovieFactory()
    for hours in (1, 2):
        serve(experiment, user, Arm.CONTROL, movie, after=timedelta(hours=hours))
    serve(experiment, user, Arm.CONTROL, late, after=timedelta())
    rate(user, movie, 2.0, START + timedelta(days=2))
    rate(user, late, 5.0, START + timedelta(days=8))
    told = report(experiment)
    assert told["arms"]["control"]["ratings"] == 1
    assert figures(told, Arm.CONTROL)["rating_rate"] == pytest.approx(2 / 3)
    assert figures(told, Arm.CONTROL)["mean_stars"] == 2.0


def test_lists_before_the_share_was_set_and_people_of_both_arms_are_left_out(experiment: Experiment) -> None:
    user, movie = UserFactory(), MovieFactory()
    serve(experiment, UserFactory(), Arm.CONTROL, movie, after=-timedelta(days=1))
    for arm in (Arm.CONTROL, Arm.CHALLENGER):
        serve(experiment, user, arm, movie, after=timedelta(hours=1))
    told = report(experiment)
    assert [told["arms"][arm]["people"] for arm in ("control", "challenger")] == [0, 0]
    assert told["moved"] == 1


def test_missing_people_are_told(experiment: Experiment) -> None:
    movie = MovieFactory()
    for user in UserFactory.create_batch(20):
        serve(experiment, user, Arm.CONTROL, movie, after=timedelta(hours=1))
    ratio = report(experiment)["sample_ratio"]
    assert ratio["found"] == 0.0
    assert ratio["p_value"] == pytest.approx(2 * 0.5**20)
    assert ratio["is_suspicious"]


def test_arms_that_did_alike_leave_a_doubt_about_their_difference(experiment: Experiment) -> None:
    movie = MovieFactory()
    for arm in (Arm.CONTROL, Arm.CHALLENGER):
        for user in UserFactory.create_batch(20):
            served = serve(experiment, user, arm, movie, after=timedelta(hours=1))
            if user.pk % 2:
                ListFeedback.objects.create(served_list=served, movie_id=movie.pk, kind="clicked")
    told = report(experiment)
    of_arm = told["arms"]["control"]["metrics"]["click_rate"]
    difference = told["differences"]["click_rate"]
    assert difference["value"] == 0
    # variances of independent arms add up: the interval is wider by the root of two
    wider = (difference["high"] - difference["low"]) / (of_arm["high"] - of_arm["low"])
    assert wider == pytest.approx(math.sqrt(2), abs=0.25)


def test_the_number_of_queries_does_not_depend_on_the_lists(
    experiment: Experiment, django_assert_num_queries: Any
) -> None:
    for people in (2, 6):
        for user in UserFactory.create_batch(people):
            serve(experiment, user, Arm.CONTROL, MovieFactory(), after=timedelta(hours=1))
        with django_assert_num_queries(3):  # lists, ratings, marks
            report(experiment)
