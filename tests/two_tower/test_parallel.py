"""Two real processes under Paddle's launcher, and the parts of a batch without any."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from recommendations.two_tower.batches import Histories, TrainingBatch, batches_of_epoch
from recommendations.two_tower.data import Floats
from recommendations.two_tower.parallel import Workers
from recommendations.two_tower.parts import part_of
from recommendations.two_tower.serving_model import STARS
from recommendations.two_tower.stars import StarFactors, person_of
from recommendations.two_tower.train import train
from recommendations.two_tower.vocabulary import Vocabulary

from .synthetic import fans
from .train_together import FULL, SAMPLED, USERS

ROOT = Path(__file__).parents[2]
PROCESSES = 2
# Along eigenvectors, which rounding turns where eigenvalues are nearly equal, as those of genres with as many
# fans are; predicted stars, which they are for, are compared instead.
TURNED = {STARS + "co_rated", STARS + "expected"}


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which two processes that trained together left their weights."""
    folder = tmp_path_factory.mktemp("together")
    launch = [sys.executable, "-m", "paddle.distributed.launch", "--nproc_per_node", str(PROCESSES)]
    launch += ["--backend", "gloo", "--log_dir", str(folder / "log")]
    script = [str(Path(__file__).with_name("train_together.py")), str(folder)]
    done = subprocess.run(
        launch + script, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def weights(folder: Path, name: str) -> list[dict[str, Floats]]:
    return [dict(np.load(folder / f"{name}-{rank}.npz")) for rank in range(PROCESSES)]


def without_key_biases(name: str, array: Floats) -> Floats:
    """A bias of the keys adds the same to all logits of a query: its gradient is nothing but rounding,
    which Adam blows up to full steps."""
    if not name.endswith("packed.bias"):
        return array
    queries, _, values = np.split(array, 3)
    return np.concatenate([queries, values])


def predicted_stars(learned: dict[str, Floats]) -> Floats:
    """[people, movie rows] above the mean."""
    data = fans(USERS)
    stars = StarFactors(*(learned[STARS + field] for field in StarFactors._fields))
    movies = Vocabulary.of(data, FULL)
    people = [
        person_of(stars, movies.movie_rows(user.movie_ids), user.stars - data.stars.mean())
        for user in data.each_user(data.users.user_ids)
    ]
    return np.stack([stars.bias + stars.factors @ person.factors for person in people])


@pytest.mark.parametrize(("name", "config"), [("full", FULL), ("sampled", SAMPLED)])
def test_two_processes_learn_what_one_does(together, name, config):
    alone = train(fans(USERS), config, seed=7).weights
    by_two = weights(together, name)[0]
    assert by_two.keys() == alone.keys()
    for name_of in alone.keys() - TURNED:
        one, two = (without_key_biases(name_of, learned[name_of]) for learned in (alone, by_two))
        np.testing.assert_allclose(two, one, atol=1e-5, err_msg=name_of)
    np.testing.assert_allclose(predicted_stars(by_two), predicted_stars(alone), atol=1e-5)


@pytest.mark.parametrize("name", ["full", "sampled", "dropout"])
def test_both_processes_end_with_the_same_weights(together, name):
    first, second = weights(together, name)
    for name_of, array in first.items():
        np.testing.assert_array_equal(array, second[name_of], err_msg=name_of)


def test_all_stop_when_one_is_asked_to_and_other_seeds_are_refused(together):
    errors = [(together / f"errors-{rank}.txt").read_text() for rank in range(PROCESSES)]
    assert errors == ["TrainingStopped WorkersDisagree"] * PROCESSES


def batches() -> list[TrainingBatch]:
    data = fans(USERS)
    config = replace(FULL, cuts=3)
    histories = Histories.of(data, Vocabulary.of(data, config), config)
    return [batch for _, _, batch in batches_of_epoch(histories, config, 0, 0)]


def entries(starts, values, places):
    return [values[i:j].tolist() for i, j in np.array(list(pairwise(starts)))[places]]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_parts_of_a_batch_are_together_the_batch(size):
    batch = batches()[0]
    parts = [part_of(batch, rank, size) for rank in range(size)]
    for whole, kind in ((batch.positions, "following"), (batch.cuts.positions, "cuts")):
        assert sorted(np.concatenate([getattr(part, kind) for part in parts])) == list(range(len(whole)))
    assert sum(len(part.histories.movies) for part in parts) == len(batch.histories.movies)


def test_a_part_reads_the_history_that_its_position_has_in_the_batch():
    batch = batches()[0]
    part, length = part_of(batch, 1, 2), batch.histories.movies.shape[1] + 1
    for places, whole, own in (
        (part.following, batch.positions, part.positions),
        (part.cuts, batch.cuts.positions, part.cut_positions),
    ):
        np.testing.assert_array_equal(whole[places] % length, own % length)
        read, own_read = whole[places] // length, own // length
        np.testing.assert_array_equal(batch.histories.movies[read], part.histories.movies[own_read])


def test_targets_and_seen_movies_of_some_positions_are_theirs():
    batch = batches()[0]
    targets, seen, own = batch.cuts.targets, batch.seen, part_of(batch, 1, 2).cuts
    some, hidden = targets.of(own), seen.of(len(batch.positions) + own)
    assert entries(some.starts, some.rows, slice(None)) == entries(targets.starts, targets.rows, own)
    np.testing.assert_array_equal(some.weights, targets.weights[own])
    wanted = entries(seen.starts, seen.rows, len(batch.positions) + own)
    assert entries(hidden.starts, hidden.rows, slice(None)) == wanted


def test_the_trainings_of_these_tests_have_an_empty_part():
    sizes = [len(part_of(batch, 1, 2).histories.movies) for batch in batches()]
    assert sizes.count(0) == 1
    assert len(sizes) == 10


def test_without_a_launcher_a_process_is_alone(monkeypatch):
    monkeypatch.delenv("PADDLE_TRAINERS_NUM", raising=False)
    assert Workers.launched() == Workers(0, 1)


def test_nothing_is_exchanged_by_a_process_alone():
    code = (
        "import sys; from recommendations.two_tower.parallel import Workers\n"
        "alone = Workers.launched()\n"
        "assert alone.any(True) and alone.leading(2.5) == 2.5 and alone.text('x') == 'x'\n"
        "assert alone.sum_gradients(None, 1.5) == 1.5\n"
        "assert 'paddle' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env={})
