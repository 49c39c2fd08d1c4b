"""Who is deleted leaves the next training, the traces, the figures and the stored models."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock, patch

import numpy as np
import pytest
from django.utils import timezone

from catalog.models import Movie, User
from recommendations import training
from recommendations.forgetting import forget_deleted_people, people_left_since
from recommendations.interactions import data_mark, load_training_data
from recommendations.leases import lease
from recommendations.live_model import forget_live_model, live_model, load_model
from recommendations.models import ListFeedback, ModelVersion, ServedList, TrainingRun
from recommendations.run_queue import TRAINING, create_run
from recommendations.tasks import forget_deleted_people as forget_task
from recommendations.two_tower.artifact import TrainedModel
from recommendations.two_tower.data import TrainingData
from recommendations.two_tower.train import TrainingStopped, train
from tests import world
from tests.factories import RatingFactory
from tests.two_tower.synthetic import QUICK

ROWS = "user_features.0.weight"


def test_a_deleted_user_leaves_the_next_training_and_a_training_that_is_resumed(db: None) -> None:
    gone, stays = RatingFactory(), RatingFactory()
    mark = data_mark()
    User.objects.get(pk=gone.user_id).delete()
    for data in (load_training_data(), load_training_data(mark)):
        assert data.user_ids.tolist() == [stays.user_id]
        assert data.users.user_ids.tolist() == [stays.user_id]


def test_a_deleted_user_leaves_served_lists_feedback_and_means(db: None) -> None:
    rating = RatingFactory()
    served = ServedList.objects.create(user=rating.user, source="personal", movie_ids=[rating.movie_id])
    ListFeedback.objects.create(served_list=served, movie_id=rating.movie_id, kind="clicked")
    rating.user.delete()
    assert not ServedList.objects.exists()
    assert not ListFeedback.objects.exists()
    movie = Movie.objects.get(pk=rating.movie_id)
    assert (movie.rating_count, movie.rating_mean) == (0, None)


def test_a_resumed_training_reads_nothing_newer_than_its_start(db: None) -> None:
    first = RatingFactory()
    mark = data_mark()
    RatingFactory()
    data = load_training_data(mark)
    assert data.user_ids.tolist() == [first.user_id]
    assert [movie.movie_id for movie in data.movies] == [first.movie_id]


@pytest.fixture
def ordered() -> Iterator[Mock]:
    with patch.object(forget_task, "apply_async", autospec=True) as ordered:
        yield ordered


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def embedding_of(version: ModelVersion, user_id: int) -> bytes:
    model = load_model(version)
    return model.weights[ROWS][model.vocabulary.user_row(user_id)].tobytes()


def test_the_embedding_of_a_deleted_user_leaves_all_stored_models_and_they_still_serve(
    live: ModelVersion,
) -> None:
    older, gone = world.register_version(2), User.objects.get(pk=7)
    traces = [embedding_of(version, 7) for version in (live, older)]
    gone.delete()
    assert forget_deleted_people() == 2
    for version, trace in zip((live, older), traces, strict=True):
        assert trace not in bytes_of(version.folder)
        model = load_model(version)  # the checksum of the registry still holds
        assert (model.vocabulary.user_row(7), model.vocabulary.user_row(8)) == (0, 7)
    forget_live_model()
    assert 7 not in live_model().model.vocabulary.user_ids  # read anew, without a new promotion
    assert forget_deleted_people() == 0


def test_others_keep_their_vectors(live: ModelVersion) -> None:
    before = {pk: embedding_of(live, pk) for pk in (6, 8, 80)}
    User.objects.filter(pk=7).delete()
    forget_deleted_people()
    assert {pk: embedding_of(live, pk) for pk in before} == before


def test_a_checkpoint_that_knows_a_deleted_user_goes_and_others_stay(stored: None, model_dir: Path) -> None:
    data, folders = load_training_data(), [model_dir / "runs" / run for run in ("1", "2")]
    parts: list[TrainingData] = [data, data.keep(data.user_ids != 7)]
    for folder, part in zip(folders, parts, strict=True):
        answers = iter([False, True])
        with pytest.raises(TrainingStopped):
            train(part, QUICK, checkpoint_dir=folder, should_stop=lambda answers=answers: next(answers))
    User.objects.filter(pk=7).delete()
    forget_deleted_people()
    assert [sorted(path.name for path in folder.iterdir()) for folder in folders] == [[], ["checkpoint.npz"]]


def test_what_a_training_is_writing_waits_until_it_has_ended(stored: None, model_dir: Path) -> None:
    run = create_run()
    written = [
        model_dir / "runs" / str(run.pk) / ".checkpoint.npz.part",
        model_dir / ".v1-x1" / ".people.npz-x1",
    ]
    for path in written:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half of it")
    with lease(TRAINING, "a training"):
        forget_deleted_people()
        assert all(path.exists() for path in written)
    forget_deleted_people()
    assert not any(path.exists() for path in written)


def test_half_a_file_that_a_killed_process_left_goes(live: ModelVersion) -> None:
    (live.folder / ".people.npz-x1").write_bytes(b"someone")
    forget_deleted_people()
    assert not list(live.folder.glob(".*"))


@pytest.mark.django_db(transaction=True)
def test_deleting_accounts_orders_it_once(ordered: Mock) -> None:
    RatingFactory(), RatingFactory()
    User.objects.all().delete()
    ordered.assert_called_once()


def test_folders_that_a_crash_left_are_no_hiding_place(live: ModelVersion, model_dir: Path) -> None:
    aside = model_dir / ".removed-x1"
    aside.mkdir()
    for number, place in ((2, model_dir / ".v2-x1"), (3, aside / "v3")):
        world.register_version(number).folder.rename(place)
    User.objects.filter(pk=7).delete()
    assert forget_deleted_people() == 3


def test_a_model_that_cannot_be_read_does_not_keep_people_in_the_others(live: ModelVersion) -> None:
    (world.register_version(2).folder / "people.npz").write_bytes(b"damaged")
    User.objects.filter(pk=7).delete()
    assert forget_deleted_people() == 1


def test_a_version_remembers_that_somebody_left_who_was_there(live: ModelVersion) -> None:
    User.objects.create(username="later").delete()
    live.refresh_from_db()
    assert not people_left_since(live)
    User.objects.filter(pk=8).update(deletion_requested_at=timezone.now())
    assert people_left_since(live)
    User.objects.filter(pk=8).update(deletion_requested_at=None, date_joined=timezone.now())
    User.objects.filter(pk=9).update(date_joined=live.created_at)
    User.objects.get(pk=9).delete()
    live.refresh_from_db()
    assert people_left_since(live)


@pytest.mark.parametrize(("minutes", "was_there"), [(-1, False), (1, True)])
def test_whoever_asked_for_deletion_since_the_training_began_taught_its_version_something(
    live: ModelVersion, minutes: int, was_there: bool
) -> None:
    began = live.created_at - timedelta(hours=1)
    TrainingRun.objects.create(seed=1, state="done", started_at=began, model_version=live)
    User.objects.filter(pk=7).update(deletion_requested_at=began + timedelta(minutes=minutes))
    assert people_left_since(live) == was_there


def test_a_version_counts_who_left_while_it_was_trained(stored: None, model_dir: Path) -> None:
    data, model = load_training_data(), load_model(world.register_version(1))
    User.objects.filter(pk=7).delete()
    parts = (model.config, model.vocabulary, dict(model.weights), model.matrix, model.mean_stars)
    version = training._register(TrainingRun.objects.create(seed=1), TrainedModel(*parts), data)
    assert people_left_since(version)
    forget_deleted_people()
    assert 7 not in load_model(version).vocabulary.user_ids


def test_figures_kept_with_a_model_name_nobody(live: ModelVersion) -> None:
    for name in ("vocabulary.json", "snapshot.json", "config.json"):
        assert "user_id" not in (live.folder / name).read_text().replace("user_id_", "")
    assert np.load(live.folder / "weights.npz").files.count(ROWS) == 0
