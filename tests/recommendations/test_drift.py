"""Drift: each measure on real rows, once within and once beyond its limit; reports, alerts and limits."""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Movie, Rating, User
from movierec import environment
from recommendations import tasks
from recommendations.drift import checking, of_lists, of_ratings, of_vectors
from recommendations.drift.checking import check_drift
from recommendations.live_model import load_model
from recommendations.models import DriftReport, ModelVersion, ServedList
from recommendations.two_tower.serving_model import ServingModel
from recommendations.vector_index import VectorIndexUnavailable
from tests import world
from tests.factories import MovieFactory, RatingFactory, UserFactory

DAY = timedelta(days=1)


@pytest.fixture
def model(stored: None) -> ServingModel:
    """Trained on the stored world, in which nobody rated anything lately."""
    return load_model(world.register_version(1))


def made_recent(**chosen: Any) -> np.ndarray:
    """The stored ratings, or those chosen, as if they had just been given."""
    Rating.objects.filter(**chosen).update(rated_at=timezone.now())
    return of_ratings.recent_ratings(timezone.now() - DAY)


def of_newcomers(*, movie: Movie, number: int = 150) -> np.ndarray:
    """Ratings of one movie by people who have just signed up."""
    people = User.objects.bulk_create([User(username=f"new{n}") for n in range(number)])
    people = list(User.objects.filter(username__startswith="new"))
    Rating.objects.bulk_create([Rating(user=user, movie=movie, stars=4.0) for user in people])
    return of_ratings.recent_ratings(timezone.now() - DAY)


@pytest.mark.django_db
def test_the_latest_ratings_are_counted_as_rows_whatever_gaps_their_keys_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ratings = [RatingFactory(pk=pk, rated_at=timezone.now()) for pk in (1, 1_000, 1_000_000)]
    monkeypatch.setattr(of_ratings, "LOOKED_AT", 2)
    latest = of_ratings.recent_ratings(timezone.now() - DAY)
    assert latest["user_id"].tolist() == [rating.user_id for rating in ratings[1:]]


def serve(lists: Sequence[Sequence[int]], user: User | None = None, **request: Any) -> None:
    ServedList.objects.bulk_create(
        [ServedList(user=user, source="personal", movie_ids=list(ids), request=request) for ids in lists]
    )


def test_ratings_like_those_of_the_training_have_not_drifted(model: ServingModel) -> None:
    recent = made_recent()
    assert of_ratings.rating_mean(recent, model).value < 0.05
    assert of_ratings.genre_distance(recent, model).value < 0.01
    assert of_ratings.unknown_users(recent, model).value == 0
    assert of_ratings.unknown_movies(recent, model).value == 0


def test_a_mean_that_fell_is_told_in_stars(model: ServingModel) -> None:
    Rating.objects.update(stars=2.0)
    drifted = of_ratings.rating_mean(made_recent(), model)
    assert drifted.value == pytest.approx(model.mean_stars - 2.0, abs=1e-6)


def test_ratings_of_one_genre_alone_are_another_mix(model: ServingModel) -> None:
    drifted = of_ratings.genre_distance(made_recent(movie__genres__name="Action"), model)
    assert drifted.value > 0.5


def test_ratings_by_people_unknown_to_the_model_are_counted(model: ServingModel) -> None:
    recent = of_newcomers(movie=Movie.objects.get(pk=100))
    assert of_ratings.unknown_users(recent, model).value == 1.0
    assert of_ratings.unknown_movies(recent, model).value == 0.0


def test_ratings_of_movies_unknown_to_the_model_are_counted(model: ServingModel) -> None:
    assert of_ratings.unknown_movies(of_newcomers(movie=MovieFactory()), model).value == 1.0


def test_a_few_ratings_are_too_few_to_judge_by(model: ServingModel) -> None:
    recent = of_newcomers(movie=MovieFactory(), number=50)
    assert of_ratings.unknown_movies(recent, model).value is None
    assert of_ratings.rating_mean(recent, model).sample == 50


def test_older_ratings_are_not_looked_at(model: ServingModel) -> None:
    assert len(of_ratings.recent_ratings(timezone.now() - DAY)) == 0


def test_the_length_of_user_vectors_is_held_to_what_it_was_at_first(model: ServingModel) -> None:
    recent = made_recent()
    first = of_vectors.user_norms(recent, model, before=None)
    assert first.value is None
    mean = first.detail["mean"]
    assert of_vectors.user_norms(recent, model, before=mean).value == pytest.approx(0, abs=1e-2)
    assert of_vectors.user_norms(recent, model, before=2 * mean).value == pytest.approx(0.5, abs=1e-2)


def test_a_new_movie_whose_vector_outgrows_all_trained_ones_is_counted(model: ServingModel) -> None:
    assert of_vectors.movie_norms(model).sample == 0
    MovieFactory(title="Action night", genres=["Action"])
    assert of_vectors.movie_norms(model).value == 0.0
    model.weights = dict(model.weights) | {"content.weight": model.weights["content.weight"] * 1_000}
    assert of_vectors.movie_norms(model).value == 1.0


def test_one_movie_on_every_list_is_concentrated_and_an_even_service_is_not(stored: None) -> None:
    serve([[100]] * 20)
    alike = of_lists.concentration(timezone.now() - DAY)
    assert (alike.value, alike.detail["gini"]) == (1.0, pytest.approx(59 / 60, abs=1e-3))
    ServedList.objects.all().delete()
    serve([[100 + n, 120 + n, 140 + n] for n in range(20)])
    even = of_lists.concentration(timezone.now() - DAY)
    assert (even.value, even.detail["gini"]) == (pytest.approx(1 / 60), 0.0)


def test_empty_lists_count_unless_their_reader_narrowed_them(stored: None) -> None:
    serve([[100]] * 24 + [[]])
    assert of_lists.empty_lists(timezone.now() - DAY).value == 1 / 25
    ServedList.objects.filter(movie_ids=[]).delete()
    serve([[]], genre="horror")
    assert of_lists.empty_lists(timezone.now() - DAY).value == 0.0


def test_a_movie_served_to_who_had_rated_it_is_a_leak_and_one_rated_afterwards_is_not(db: None) -> None:
    earlier = RatingFactory()
    before = timezone.now()
    serve([[earlier.movie_id]], earlier.user)
    later = RatingFactory(user=earlier.user, rated_at=before - 365 * DAY)  # imported with its own date
    serve([[later.movie_id]], earlier.user)
    serve([[earlier.movie_id]], UserFactory())
    found = of_lists.seen_leaks(before, last_rating=earlier.pk)
    assert (found.value, found.sample) == (1.0, 3)
    ServedList.objects.filter(movie_ids=[earlier.movie_id]).delete()
    assert of_lists.seen_leaks(before, last_rating=earlier.pk).value == 0.0


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger("recommendations"), "propagate", True)
    return caplog


@pytest.fixture
def serving(model: ServingModel) -> Iterator[Mock]:
    live = SimpleNamespace(model=model, version=1)
    with patch.object(checking, "live_model", autospec=True, return_value=live) as serving:
        yield serving


def test_a_check_alerts_of_what_is_beyond_its_limit(serving: Mock, log: pytest.LogCaptureFixture) -> None:
    made_recent()
    assert check_drift().alerts == []
    rating = Rating.objects.first()
    DriftReport.objects.update(created_at=timezone.now() - DAY)
    serve([[rating.movie_id]], rating.user)
    Rating.objects.update(stars=2.0)
    tasks.check_drift()
    report = DriftReport.objects.first()
    assert sorted(report.alerts) == ["rating_mean", "seen_leaks"]
    assert report.measures["seen_leaks"]["value"] == 1
    assert report.measures["user_norms"]["value"] is not None  # held to the first report
    assert "drift: seen_leaks is 1.0, above 0.0" in log.text


def test_limits_come_from_the_settings(serving: Mock, settings: Settings) -> None:
    Rating.objects.update(stars=2.0)
    made_recent()
    settings.DRIFT_LIMITS = settings.DRIFT_LIMITS | {"rating_mean": 4.0}
    assert check_drift().alerts == []


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf"])
def test_a_limit_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("DRIFT_GENRE_MIX", text)
    with pytest.raises(SystemExit, match=r"^movierec: DRIFT_GENRE_MIX: "):
        environment.read_limit("DRIFT_GENRE_MIX", 0.2)


def test_while_the_model_is_away_lists_are_checked_all_the_same(stored: None) -> None:
    serve([[]] * 20)
    away = VectorIndexUnavailable("no route")
    with patch.object(checking, "live_model", autospec=True, side_effect=away):
        report = check_drift()
    assert (report.model_version, report.alerts) == (None, ["empty_lists"])


def test_the_live_model_is_what_recent_ratings_are_compared_with(live: ModelVersion) -> None:
    made_recent()
    report = check_drift()
    assert report.model_version == 1
    assert report.measures["genre_mix"]["value"] < 0.01
    assert report.measures["concentration"]["value"] is None
