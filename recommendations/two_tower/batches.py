"""Histories to padded batches of a few fixed shapes, each position with what it should predict."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .config import TwoTowerConfig
from .data import Column, Ids, Rows, TrainingData, blocks, narrow, places_in
from .features import HistoryBatch, gap_rows, history_gap_rows, star_rows, user_rows
from .softmax import SeenMovies, Targets
from .trends import Trends
from .vocabulary import Vocabulary

SAME_SESSION = 3_600  # seconds
SHORTEST = 25  # padded lengths are this, its doublings, and the history length with its start token


@dataclass(frozen=True)
class Histories:
    """All ratings as rows, user by user, with what the drawing of targets needs."""

    starts: Ids  # [users]: where a user's ratings start
    stops: Ids
    users: Ids  # [users, 5] rows
    movies: Rows  # [ratings], as the next four
    stars: Rows
    gaps: Rows  # of the time since the user's rating before
    timestamps: Column
    clock: Column  # all timestamps in order: the time scale on which cuts are drawn
    liked: Column  # indices of liked ratings, in order
    trends: Trends
    mean_stars: float
    movie_rows: int

    @classmethod
    def of(cls, data: TrainingData, vocabulary: Vocabulary, config: TwoTowerConfig) -> "Histories":
        ids, starts, stops = data.bounds()
        movies = np.empty(len(data), np.int32)
        stars, gaps = np.empty(len(data), np.int8), np.empty(len(data), np.int8)
        for block in blocks(len(data)):
            movies[block] = vocabulary.movie_rows(data.movie_ids[block])
            stars[block] = star_rows(data.stars[block])
            before = slice(max(0, block.start - 1), block.stop)
            gaps[block] = history_gap_rows(data.timestamps[before])[block.start - before.start :]
        gaps[starts] = 0  # of nobody's first rating the gap is known
        years = vocabulary.years(data.movies)
        return cls(
            starts,
            stops,
            np.stack([user_rows(user, vocabulary) for user in data.each_user(ids)]),
            movies,
            stars,
            gaps,
            data.timestamps,
            np.sort(data.timestamps),
            narrow(np.flatnonzero(data.stars >= config.liked_stars)),
            Trends.of(data.timestamps, movies, data.stars, config.liked_stars, years),
            float(data.stars.mean()),
            len(vocabulary.movie_ids) + 1,
        )


class Cuts(NamedTuple):
    """Moments drawn between two ratings, in order of time."""

    owners: Ids  # piece of each
    ratings: Ids  # the rating after it
    positions: Ids
    gaps: Ids  # rows of the time between the last rating and the drawn "now"
    moments: Ids  # places of "now" among the moments of the trends
    targets: Targets


@dataclass(frozen=True)
class TrainingBatch:
    """One step. Positions index the flattened tokens [batch * length]."""

    histories: HistoryBatch
    positions: Ids  # of the next horizon, in order of token
    next_rows: Ids  # the movie rated there
    cuts: Cuts  # of the weeks horizon
    seen: SeenMovies | None  # of the next positions, then of the cuts; None: nothing is hidden

    @property
    def ratings(self) -> int:
        return len(self.positions)


def epoch_batches(
    histories: Histories, config: TwoTowerConfig, generator: np.random.Generator
) -> list[tuple[int, Ids]]:
    """Shuffled steps: the padded length and the pieces [n, 3] (user, start, stop) of each.

    A history longer than the tower reads is cut into pieces at a random offset, so that over the epochs
    every rating is predicted from contexts of many lengths.
    """
    pieces = np.concatenate(
        [
            _cut(user, int(start), int(stop), config.history_length + 1, generator)
            for user, (start, stop) in enumerate(zip(histories.starts, histories.stops, strict=True))
        ]
    )
    positions = config.positions_for(len(histories.movies))
    lengths = _padded_lengths(config.history_length + 1)
    bucket = np.searchsorted(lengths, pieces[:, 2] - pieces[:, 1])
    steps: list[tuple[int, Ids]] = []
    for place, length in enumerate(lengths):
        members = generator.permutation(pieces[bucket == place])
        size = max(1, positions // length)
        steps += [(length, members[i : i + size]) for i in range(0, len(members), size)]
    return [steps[i] for i in generator.permutation(len(steps))]


def build_batch(
    histories: Histories,
    length: int,
    pieces: Ids,
    config: TwoTowerConfig,
    generator: np.random.Generator,
) -> TrainingBatch:
    """The arrays of one step: padded inputs, next ratings, and drawn cuts with all that is liked later."""
    counts = pieces[:, 2] - pieces[:, 1]
    places = np.arange(length)
    valid = places[None, :] < counts[:, None]
    tokens = np.flatnonzero(valid.ravel())
    if config.target_share < 1:
        chosen = generator.permutation(len(tokens))[: max(1, round(len(tokens) * config.target_share))]
        tokens = tokens[np.sort(chosen)]
    flat = (pieces[:, 1, None] + places).ravel()[tokens]  # token j predicts rating start + j
    cuts = _cuts(histories, length, pieces, config, generator)
    seen = None
    if config.hide_seen and histories.movie_rows <= config.full_softmax_limit:
        first = histories.starts[pieces[np.concatenate([tokens // length, cuts.owners]), 0]]
        seen = SeenMovies.between(first, np.concatenate([flat, cuts.ratings]), histories.movies)
    inputs = _inputs(histories, pieces, length)
    return TrainingBatch(inputs, tokens, histories.movies[flat].astype(np.int64), cuts, seen)


def _padded_lengths(longest: int) -> list[int]:
    lengths = []
    length = SHORTEST
    while length < longest:
        lengths.append(length)
        length *= 2
    return [*lengths, longest]


def _cut(user: int, start: int, stop: int, longest: int, generator: np.random.Generator) -> Ids:
    """A user's ratings in pieces of at most `longest` that each predict all their ratings."""
    count = stop - start
    if count <= longest:
        return np.array([[user, start, stop]])
    offset = int(generator.integers(longest // 4, longest + 1))
    edges = np.unique([start, *range(start + offset, stop, longest), stop])
    return np.stack([np.full(len(edges) - 1, user), edges[:-1], edges[1:]], axis=1)


def _inputs(histories: Histories, pieces: Ids, length: int) -> HistoryBatch:
    """Tokens after the start are the ratings of the piece but its last; padding has row 0."""
    read = pieces[:, 1, None] + np.arange(length - 1)
    inside = read < pieces[:, 2, None] - 1
    read = np.where(inside, read, 0)
    columns = (histories.movies, histories.stars, histories.gaps)
    movies, stars, gaps = (np.where(inside, column[read], 0).astype(np.int64) for column in columns)
    return HistoryBatch(histories.users[pieces[:, 0]], movies, stars, gaps)


def _cuts(
    histories: Histories,
    length: int,
    pieces: Ids,
    config: TwoTowerConfig,
    generator: np.random.Generator,
) -> Cuts:
    """A few moments drawn within each piece, those after which something is liked."""
    drawn = [_draw_cuts(histories, piece, config.cuts, generator) for piece in pieces]
    owner = np.repeat(np.arange(len(pieces)), [len(cuts) for cuts in drawn])
    cuts = np.concatenate(drawn) if drawn else np.zeros(0, np.int64)
    first_liked = places_in(histories.liked, cuts)
    last_liked = places_in(histories.liked, histories.stops[pieces[owner, 0]])
    kept = last_liked > first_liked
    owner, cuts, first_liked, last_liked = (x[kept] for x in (owner, cuts, first_liked, last_liked))
    before, after = histories.timestamps[cuts - 1], histories.timestamps[cuts]
    now = _moments(histories.clock, before, after, generator)
    order = np.argsort(now, kind="stable")
    owner, cuts, first_liked, last_liked = (x[order] for x in (owner, cuts, first_liked, last_liked))
    before, now = before[order], now[order]
    counts = last_liked - first_liked
    starts = np.concatenate([[0], np.cumsum(counts)])
    entries = np.arange(starts[-1]) - np.repeat(starts[:-1] - first_liked, counts)
    shares = np.repeat(1 / np.maximum(counts, 1), counts).astype(np.float32)
    rows = histories.movies[histories.liked[entries]].astype(np.int64)
    weights = np.where(now - before >= SAME_SESSION, 1, config.session_cut_weight).astype(np.float32)
    targets = Targets(starts, rows, shares, weights)
    positions = owner * length + cuts - pieces[owner, 1]
    moments = histories.trends.places(now)
    return Cuts(owner, cuts, positions, gap_rows(now - before), moments, targets)


def _draw_cuts(histories: Histories, piece: Ids, cuts: int, generator: np.random.Generator) -> Ids:
    """Ratings of a piece before which "now" falls, in proportion to the ratings that all users gave in
    between (as a cut at a random moment falls), mixed with a few at random."""
    user, start, stop = piece
    first = max(start, histories.starts[user] + 1)
    if first >= stop:
        return np.zeros(0, np.int64)
    when = places_in(histories.clock, histories.timestamps[first - 1 : stop])
    chances = np.diff(when).astype(np.float64) + 1
    chances = 0.7 * chances / chances.sum() + 0.3 / len(chances)
    return np.sort(first + generator.choice(len(chances), min(cuts, len(chances)), replace=False, p=chances))


def _moments(clock: Column, before: Column, after: Column, generator: np.random.Generator) -> Column:
    """For each pair of times a moment in between, uniform on the scale of all ratings."""
    low, high = places_in(clock, before), places_in(clock, after)
    ranks = low + np.floor(generator.random(len(low)) * (high - low + 1)).astype(np.int64)
    return np.clip(clock[np.minimum(ranks, len(clock) - 1)], before, after)


def batches_of_epoch(
    histories: Histories, config: TwoTowerConfig, seed: int, epoch: int, first: int = 0
) -> Iterator[tuple[int, int, TrainingBatch]]:
    """The epoch's steps from number `first` on: number, steps in all, batch.

    A step's draws depend on seed, epoch and number alone.
    """
    steps = epoch_batches(histories, config, np.random.default_rng([seed, epoch]))
    for number in range(first, len(steps)):
        length, pieces = steps[number]
        generator = np.random.default_rng([seed, epoch, number])
        yield number, len(steps), build_batch(histories, length, pieces, config, generator)
