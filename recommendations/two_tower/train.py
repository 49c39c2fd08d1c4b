"""Training: AdamW with warm-up and linear decay, averaged weights, early stopping, resume.

The same data, configuration, seed and number of threads give the same weights, also when a training
was interrupted: a step's random draws depend on seed, epoch and step number alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import paddle

from .artifact import TrainedModel
from .batches import Histories, batches_of_epoch
from .centre import UnratedMovies
from .checkpoint import Checkpoint, fingerprint, read_checkpoint, write_checkpoint
from .config import TwoTowerConfig
from .data import Floats, MovieInput, TrainingData, occurrences
from .features import movie_content, stars_of_rows
from .genre_mix import genre_mix
from .initial import initial_vectors
from .loss import Objective
from .network import ID_DEVIATION, TwoTowerNetwork
from .optimizer import Optimizer
from .parallel import ALONE, Workers
from .serving_model import CENTRE, STARS, UNRATED, ServingModel
from .softmax import NegativeSampler
from .star_fit import fit_stars
from .stars import StarFactors
from .threads import single_blas_thread
from .validation import hold_out
from .vocabulary import UNKNOWN, Vocabulary
from .warm_start import carried_weights

FEWEST_RATINGS, FEWEST_MOVIES = 50, 5
AVERAGE_EVERY = 5  # steps
REPORTS_PER_EPOCH = 10
CHECKPOINT_SECONDS = 120
INDISTINCT = 0.02  # of nDCG@10: differences between two epochs that 500 people hardly show


Evaluation = dict[str, Any]  # metrics of an epoch's weights on the held-out people


class TrainingStopped(Exception):
    """The training was asked to stop; its checkpoint, if it has a folder, lets it go on."""


class TrainingDataTooSmall(ValueError):
    """There are too few ratings to learn anything from."""


@dataclass(frozen=True)
class Progress:
    """State of a training; `step` counts over all epochs and `steps` is an estimate."""

    epoch: int  # from 1
    epochs: int
    step: int
    steps: int
    loss: float
    metric: float | None  # mean nDCG@10 of the latest evaluation
    seconds: float
    eta_seconds: float


def ignore_progress(progress: Progress) -> None:
    pass


def never() -> bool:
    return False


def train(
    data: TrainingData,
    config: TwoTowerConfig | None = None,
    *,
    seed: int = 0,
    on_progress: Callable[[Progress], None] = ignore_progress,
    checkpoint_dir: Path | None = None,
    should_stop: Callable[[], bool] = never,
    warm_start: ServingModel | None = None,
    workers: Workers = ALONE,
) -> TrainedModel:
    """Trains on all ratings but a small held-out part.

    With `warm_start` it goes on from the weights of that earlier model, for fewer epochs.
    Goes on from `checkpoint_dir` if the same training was interrupted there; its checkpoint stays until
    whoever has stored the model removes it. Raises TrainingDataTooSmall, WarmStartImpossible if the earlier
    model's towers have another shape, and TrainingStopped soon after `should_stop` says True.

    With several `workers` each calls this with the same arguments and has the same result: the leading one
    reports and writes checkpoints, which the others must be able to read. Raises WorkersDisagree if what they
    were given is not the same.
    """
    if len(data) < FEWEST_RATINGS or len(np.unique(data.movie_ids)) < FEWEST_MOVIES:
        raise TrainingDataTooSmall(
            f"{len(data)} ratings are too few: at least {FEWEST_RATINGS} of {FEWEST_MOVIES} movies are needed"
        )
    single_blas_thread()
    training = _Training(data, config or TwoTowerConfig(), seed, checkpoint_dir, warm_start, workers)
    training.resume()
    training.run(on_progress if workers.leads else ignore_progress, should_stop)
    training.save()  # what follows takes minutes for large data
    return training.result()


class _Training:
    """The moving parts of one training."""

    def __init__(
        self,
        data: TrainingData,
        config: TwoTowerConfig,
        seed: int,
        folder: Path | None,
        earlier: ServingModel | None = None,
        workers: Workers = ALONE,
    ) -> None:
        self.config, self.seed, self.folder, self.workers = config, seed, folder, workers
        self.fingerprint = fingerprint(data, config, seed, earlier.checksum if earlier else "")
        self.vocabulary = Vocabulary.of(data, config)
        trained, self.validation = hold_out(data, config)
        self.histories = Histories.of(trained, self.vocabulary, config)
        self.epochs = config.epochs_for(
            len(trained), len(self.vocabulary.movie_ids), warm=earlier is not None
        )
        self.learning_rate = config.learning_rate * (config.warm_learning_rate if earlier else 1.0)
        paddle.seed(seed)
        self.objective = _objective(self, data)
        self.network = TwoTowerNetwork(config, self.vocabulary)
        if earlier:
            self.network.load(carried_weights(self.network.weights(), self.vocabulary, earlier))
        elif config.factor_start:
            self.network.load({"movie_id.weight": self._initial_movie_ids()})
        self.optimizer = Optimizer(self.network, config)
        self.best = self.optimizer.averaged()
        self.values: dict[str, Any] = {
            "fingerprint": self.fingerprint, "epoch": 0, "number": 0, "step": 0,
            "ratings": 0, "seconds": 0.0, "cpu_seconds": 0.0, "log": [],
        }  # fmt: skip
        self.snapshot = _snapshot(data, seed, earlier)
        self.unrated = UnratedMovies.of(
            data.movies, self.vocabulary, self._trends[:1], self.snapshot["last_rated_at"]
        )

    def run(self, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        values, started, cpu_started = self.values, time.monotonic(), time.process_time()
        before, cpu_before = values["seconds"], values["cpu_seconds"]
        saved = started
        self.workers.check_same(f"{self.fingerprint} {values['step']}")
        while values["epoch"] < self.epochs and not self.workers.any(self._finished()):
            self.workers.same_weights(self.network)
            epoch = values["epoch"]
            for number, total, batch in batches_of_epoch(
                self.histories, self.config, self.seed, epoch, values["number"]
            ):
                if self.workers.any(should_stop()):
                    self.save()
                    raise TrainingStopped(f"stopped in epoch {epoch + 1} of {self.epochs}")
                loss = self._step(batch, number, total)
                values["number"], values["step"] = number + 1, values["step"] + 1
                values["ratings"] += len(batch.next_rows)
                values["seconds"] = self.workers.leading(before + time.monotonic() - started)
                values["cpu_seconds"] = cpu_before + time.process_time() - cpu_started
                if number % max(1, total // REPORTS_PER_EPOCH) == 0 or number + 1 == total:
                    on_progress(self._progress(loss, number + 1, total))
                if time.monotonic() - saved > CHECKPOINT_SECONDS:
                    self.save()
                    saved = time.monotonic()
                if self._out_of_time():
                    break
            values["epoch"], values["number"] = epoch + 1, 0
            self._evaluate()

    def resume(self) -> None:
        checkpoint = read_checkpoint(self.folder, self.fingerprint)
        if checkpoint is None:
            return
        self.values |= checkpoint.values
        self.best = checkpoint.arrays["best"]
        self.optimizer.load_state(checkpoint.arrays)

    def result(self) -> TrainedModel:
        model = self._model(self.best)
        del self.network, self.optimizer, self.objective  # of large catalogues more than what is still to do
        stars = self._star_factors(model)
        model.weights.update({STARS + name: array for name, array in stars._asdict().items()})
        log = self.values["log"]
        model.metrics = {
            "validation": kept_evaluation(log) if log else {},
            "log": log,
            "epochs": self.values["epoch"],
            "steps": self.values["step"],
            "ratings_predicted": self.values["ratings"],
            "seconds": round(self.values["seconds"], 1),
            "cpu_seconds": round(self.values["cpu_seconds"], 1),
        }
        return model

    def _step(self, batch: Any, number: int, total: int) -> float:
        epoch, step = self.values["epoch"], self.values["step"]
        generator = np.random.default_rng([self.seed, epoch, number, 1])
        done = (epoch + number / total) / self.epochs
        if self.config.max_seconds is not None:
            done = max(done, min(1.0, self.values["seconds"] / self.config.max_seconds))
        warmth = min(1.0, (step + 1) / min(self.config.warmup_steps, max(1, total * self.epochs // 10)))
        loss = self._gradients(batch, number, generator)
        self.optimizer.step(self.learning_rate * warmth * max(1 - done, 0.01), step + 1)
        if step % AVERAGE_EVERY == 0:
            self._update_average(step, total)
        return loss

    def _gradients(self, batch: Any, number: int, generator: np.random.Generator) -> float:
        """Leaves each parameter the gradient of the whole batch, and returns its loss."""
        workers, masks = self.workers, None
        if workers.size > 1:
            masks = np.random.default_rng([self.seed, self.values["epoch"], number, 2, workers.rank])
        loss = self.objective.loss(self.network, batch, generator, workers, masks)
        if not loss.stop_gradient:  # an empty part of the batch
            loss.backward()
        return workers.sum_gradients(self.network, float(loss))

    def _update_average(self, step: int, total: int) -> None:
        steps = total * self.epochs
        slowest = 1 - 1 / max(10.0, self.config.averaged_share * steps)
        decay = min(self.config.averaging, slowest, (1 + step) / (10 + step)) ** AVERAGE_EVERY
        self.optimizer.add_to_average(decay)

    def _evaluate(self) -> None:
        """Remembers the averaged weights if they are the ones to keep as of now."""
        if self.validation is None:
            self.best = self.optimizer.averaged()
            return
        averaged = self.optimizer.averaged()
        metrics = self.validation.metrics(self._model(averaged).serving_model())
        values, log = self.values, self.values["log"]
        log.append({"epoch": values["epoch"], "seconds": round(values["seconds"], 1), **metrics})
        if kept_evaluation(log) is log[-1]:
            self.best = {name: array.copy() for name, array in averaged.items()}

    def _finished(self) -> bool:
        return self._out_of_time() or evaluations_since_best(self.values["log"]) >= self.config.patience

    def _out_of_time(self) -> bool:
        limit = self.config.max_seconds
        return limit is not None and self.values["seconds"] >= limit

    def _progress(self, loss: float, number: int, total: int) -> Progress:
        values = self.values
        done = (values["epoch"] + number / total) / self.epochs
        log = values["log"]
        return Progress(
            epoch=values["epoch"] + 1,
            epochs=self.epochs,
            step=values["step"],
            steps=round(values["step"] / done),
            loss=loss,
            metric=log[-1]["mean_ndcg@10"] if log else None,
            seconds=values["seconds"],
            eta_seconds=values["seconds"] * (1 - done) / done,
        )

    def _star_factors(self, model: TrainedModel) -> StarFactors:
        histories = self.histories
        people = np.arange(len(histories.starts), dtype=np.int32)
        users = np.repeat(people, histories.stops - histories.starts)
        movies, stars = histories.movies, stars_of_rows(histories.stars)
        del histories, self.histories  # their other columns
        dimension = self.config.learned_dimension
        unknown = model.weights["movie_id.weight"][:1] - model.weights[CENTRE][:dimension]
        learned = np.concatenate([unknown, model.movie_vectors[:, :dimension]])
        return fit_stars(users, movies, stars, learned, self.config, self.seed)

    @property
    def _trends(self) -> Floats:
        """[movie rows, TREND_DIMENSIONS] as of the last rating"""
        return self.histories.trends.table[-1]

    def _learned(self, weights: dict[str, Floats]) -> Floats:
        """[movie rows, learned_dimension]"""
        learned: Floats = self.objective.content @ weights["content.weight"]
        learned += weights["movie_id.weight"]
        return learned

    def _initial_movie_ids(self) -> Floats:
        histories = self.histories
        rows, dimension = len(self.objective.content), self.config.learned_dimension
        return initial_vectors(
            histories.starts, histories.stops, histories.movies, rows, dimension, ID_DEVIATION, self.seed
        )

    def _model(self, weights: dict[str, Floats]) -> TrainedModel:
        trends = self._trends
        vectors = np.concatenate([self._learned(weights), trends], axis=1)[1:]
        centre = self.unrated.centre(vectors, weights)
        vectors -= centre
        return TrainedModel(
            self.config,
            self.vocabulary,
            {**weights, UNRATED: trends[:1], CENTRE: centre},
            vectors,
            self.histories.mean_stars,
            snapshot=self.snapshot,
        )

    def save(self) -> None:
        if self.folder is None or not self.workers.leads:
            return
        people = np.array(self.vocabulary.user_ids, np.int64)
        arrays = {**self.optimizer.state(), "best": self.best}
        write_checkpoint(self.folder, Checkpoint(arrays, self.values, people))


def kept_evaluation(log: Sequence[Evaluation]) -> Evaluation:
    """The evaluation whose weights are the result: the latest that is next to as good as the best.

    Later weights were learned at lower rates, so where the held-out people cannot tell two evaluations apart
    the later one is the better guess (Breiman's rule of one standard error, 1984, in its spirit).
    """
    least = (1 - INDISTINCT) * max(entry["mean_ndcg@10"] for entry in log)
    return next(entry for entry in reversed(log) if entry["mean_ndcg@10"] >= least)


def evaluations_since_best(log: Sequence[Evaluation]) -> int:
    """How many came after the first of the highest ones, none of them better."""
    metrics = [entry["mean_ndcg@10"] for entry in log]
    return len(metrics) - 1 - metrics.index(max(metrics)) if metrics else 0


def _objective(training: _Training, data: TrainingData) -> Objective:
    vocabulary, config = training.vocabulary, training.config
    by_id = {movie.movie_id: movie for movie in data.movies}
    known = [by_id.get(i) or MovieInput(i, "", None, ()) for i in vocabulary.movie_ids.tolist()]
    content = movie_content([MovieInput(UNKNOWN, "", None, ()), *known], vocabulary)
    content[UNKNOWN] = 0
    sampler = None
    if len(known) + 1 > config.full_softmax_limit:
        counts = occurrences(training.histories.movies, len(known) + 1)
        sampler = NegativeSampler(counts, config.negatives)
    histories = training.histories
    return Objective(config, content, histories.trends.table, sampler)


def _snapshot(data: TrainingData, seed: int, earlier: ServingModel | None) -> dict[str, Any]:
    return {
        "users": len(data.bounds()[0]),
        "movies": len(np.unique(data.movie_ids)),
        "ratings": len(data),
        "first_rated_at": int(data.timestamps.min()),
        "last_rated_at": int(data.timestamps.max()),
        "genres": {name: round(share, 6) for name, share in genre_mix(data.movie_ids, data.movies).items()},
        "seed": seed,
        "warm_start": earlier is not None,
    }
