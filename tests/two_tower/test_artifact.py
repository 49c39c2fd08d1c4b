import json
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from recommendations.two_tower.artifact import ArtifactInvalid, files_mark, load_artifact, save_artifact
from recommendations.two_tower.data import UserInput
from recommendations.two_tower.people import PeopleInvalid, forget_people, read_people, write_people


@pytest.fixture
def folder(trained, tmp_path):
    folder = tmp_path / "v1"
    save_artifact(trained, folder)
    return folder


def test_an_artifact_round_trips(trained, tmp_path):
    checksum = save_artifact(trained, tmp_path / "v1")
    loaded = load_artifact(tmp_path / "v1", checksum=checksum)
    original = trained.serving_model()
    np.testing.assert_array_equal(
        loaded.user_vector(UserInput(), now=0), original.user_vector(UserInput(), now=0)
    )
    np.testing.assert_array_equal(loaded.matrix, original.matrix)
    assert loaded.config == original.config
    assert loaded.checksum == checksum
    assert loaded.metrics == trained.metrics
    assert loaded.snapshot["seed"] == 7


def test_tables_are_stored_row_by_row_however_they_lie_in_memory(trained, tmp_path):
    columns = replace(trained, movie_vectors=np.asfortranarray(trained.movie_vectors))
    save_artifact(columns, tmp_path / "v2")
    np.testing.assert_array_equal(load_artifact(tmp_path / "v2").matrix, trained.movie_vectors)


def test_whatever_has_a_row_for_each_movie_is_memory_mapped(folder):
    model = load_artifact(folder)
    rows = len(model.known_movie_ids) + 1
    large = {name: array for name, array in model.weights.items() if len(array) == rows}
    assert {"movie_id.weight", "movie_inputs", "stars.factors"} <= set(large)
    for table in (model.matrix, model.known_movie_ids, *large.values()):
        assert isinstance(table, np.memmap)


def test_a_changed_file_is_refused(folder):
    with (folder / "movie_vectors.npy").open("r+b") as handle:
        handle.seek(-1, 2)
        last = handle.read(1)
        handle.seek(-1, 2)
        handle.write(bytes([last[0] ^ 1]))
    with pytest.raises(ArtifactInvalid, match="checksum"):
        load_artifact(folder)


@pytest.mark.parametrize("checked", [False, True])
def test_another_version_than_the_registered_one_is_refused(folder, checked):
    with pytest.raises(ArtifactInvalid, match="checksum"):
        load_artifact(folder, checksum="0" * 64, checked=checked)


@pytest.mark.parametrize("name", ["movie_vectors.npy", "weights.npz", "checksum"])
def test_the_mark_of_files_is_another_one_once_a_file_was_written(folder, name):
    mark = files_mark(folder)
    assert files_mark(folder) == mark
    content = (folder / name).read_bytes()
    time.sleep(0.05)  # more than a tick of the file system's clock
    (folder / name).write_bytes(content)
    assert files_mark(folder) != mark


def test_files_without_a_mark_are_missing(folder):
    (folder / "movie_inputs.npy").unlink()
    with pytest.raises(ArtifactInvalid, match="movie_inputs"):
        files_mark(folder)


@pytest.mark.parametrize(
    "name", ["weights.npz", "movie_inputs.npy", "vocabulary.json", "people.npz", "checksum"]
)
def test_a_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArtifactInvalid):
        load_artifact(folder)


def test_a_folder_of_another_release_is_refused(trained, tmp_path, monkeypatch):
    monkeypatch.setattr("recommendations.two_tower.artifact.FORMAT", 0)
    save_artifact(trained, tmp_path / "v0")
    monkeypatch.undo()
    with pytest.raises(ArtifactInvalid, match="another release"):
        load_artifact(tmp_path / "v0")


def test_people_of_another_model_are_refused(trained, folder, tmp_path):
    write_people(folder, read_people(folder), model="0" * 64)
    with pytest.raises(ArtifactInvalid, match="another model"):
        load_artifact(folder)


def test_people_who_were_cut_short_are_refused(folder):
    (folder / "people.npz").write_bytes(b"")
    with pytest.raises(PeopleInvalid):
        forget_people(folder, {5})
    with pytest.raises(ArtifactInvalid, match="people"):
        load_artifact(folder)


def test_who_is_forgotten_leaves_the_folder_and_the_model_stays_the_same(trained, folder):
    before = load_artifact(folder)
    known = before.weights["user_features.0.weight"][before.vocabulary.user_row(5)]
    assert forget_people(folder, {5, 10**6}) == 1
    assert forget_people(folder, {5}) == 0
    after = load_artifact(folder, checksum=before.checksum)
    assert after.vocabulary.user_row(5) == 0
    assert not any(known.tobytes() in path.read_bytes() for path in folder.iterdir())
    for other in (4, 6, 80, None):
        vectors = [model.user_vector(UserInput(user_id=other), now=0) for model in (before, after)]
        np.testing.assert_array_equal(*vectors)
    vectors = [after.user_vector(UserInput(user_id=gone), now=0) for gone in (5, None)]
    np.testing.assert_array_equal(*vectors)


def test_a_crash_while_people_are_written_leaves_the_file_of_before(folder, monkeypatch):
    before = (folder / "people.npz").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("os.replace", lambda *paths: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            forget_people(folder, {5})
    assert (folder / "people.npz").read_bytes() == before
    assert not list(folder.glob(".*"))


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ArtifactInvalid):
        load_artifact(tmp_path / "v9")


def test_a_folder_that_is_there_is_never_written_over(trained, folder):
    with pytest.raises(FileExistsError):
        save_artifact(trained, folder)


def test_a_failed_write_leaves_nothing(trained, tmp_path, monkeypatch):
    monkeypatch.setattr("recommendations.two_tower.artifact.folder_checksum", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_artifact(trained, tmp_path / "v2")
    assert list(tmp_path.iterdir()) == []


def test_there_is_no_pickle_in_the_folder(folder):
    for path in folder.rglob("*"):
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)
        elif path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                assert all(arrays[name].dtype.kind in "fiU" for name in arrays.files)
        elif path.suffix == ".json":
            json.loads(path.read_text())
        else:
            assert len(path.read_text().strip()) == 64


def test_serving_does_not_import_paddle():
    code = (
        "import sys; from recommendations.two_tower import artifact, evaluate, serving_model;"
        "sys.exit('paddle' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
