"""Starting values for the movies' ID embeddings: which movies are rated together, and which in a row.

Half of the dimensions factorise how often two movies are in one history, half how often they are rated
within a few ratings of each other: positive pointwise mutual information (Levy and Goldberg 2014), truncated
by a randomised eigendecomposition (Halko et al. 2011). Training starts where it would be after some epochs.
"""

import numpy as np

from .data import Floats, Ids, Rows, blocks, occurrences

WINDOW = 10  # ratings; a pair at distance d counts 1 / d
MOST_MOVIES = 6_000  # in the matrices (144 MB each); rarer movies start at random
BLOCK_USERS = 2_000
DRAWN_ROWS = 10_000  # that are drawn at a time, in 64 bits
PRODUCT_ROWS = 1_000  # of such a matrix that are computed at a time
ITERATIONS = 3


def initial_vectors(
    starts: Ids, stops: Ids, movies: Rows, rows: int, dimension: int, deviation: float, seed: int
) -> Floats:
    """float32[rows, dimension] for movie rows, of the standard deviation given.

    `starts` and `stops` bound each user's ratings in `movies`, which holds movie rows.
    """
    generator = np.random.default_rng([seed, 2])
    vectors = np.empty((rows, dimension), np.float32)
    for chunk in np.split(vectors, range(DRAWN_ROWS, rows, DRAWN_ROWS)):
        chunk[:] = generator.standard_normal(chunk.shape)
    vectors *= np.float32(deviation)
    kept, places = _most_rated(movies, rows)
    half = min(dimension // 2, len(kept) // 2)
    if half == 0:
        return vectors
    factors = [
        _factors(_information(counted(starts, stops, places[movies], len(kept))), half, generator)
        for counted in (_in_one_history, _in_a_row)
    ]
    for i, part in enumerate(factors):
        scale = np.float32(deviation) / max(float(part.std()), 1e-9)
        vectors[kept, i * half : (i + 1) * half] = part * scale
    return vectors


def co_rating_factors(
    starts: Ids, stops: Ids, movies: Rows, rows: int, dimension: int, generator: np.random.Generator
) -> Floats:
    """float32[rows, dimension] of which movies the same people rated, of standard deviation 0.1.

    Zero for movies that are too rare to be in the matrix, and in dimensions that so few movies do not have.
    """
    vectors = np.zeros((rows, dimension), np.float32)
    kept, places = _most_rated(movies, rows)
    together = _information(_in_one_history(starts, stops, places[movies], len(kept)))
    part = _factors(together, min(dimension, len(kept)), generator)
    vectors[kept, : part.shape[1]] = part * np.float32(0.1 / max(float(part.std()), 1e-9))
    return vectors


def _most_rated(movies: Rows, rows: int) -> tuple[Ids, Rows]:
    """The rows that a matrix holds, in order, and for each row its place among them, -1 where it has none."""
    counts = occurrences(movies, rows)
    kept = np.sort(np.argsort(-counts, kind="stable")[: min(rows, MOST_MOVIES)])
    kept = kept[counts[kept] > 0]
    places = np.full(rows, -1, np.int32)
    places[kept] = np.arange(len(kept))
    return kept, places


def _in_one_history(starts: Ids, stops: Ids, places: Rows, count: int) -> Floats:
    """How many users rated both; long histories count less for each of their pairs."""
    together = np.zeros((count, count), np.float32)
    for users in blocks(len(starts), BLOCK_USERS):
        block = np.zeros((users.stop - users.start, count), np.float32)
        for i, (start, stop) in enumerate(zip(starts[users], stops[users], strict=True)):
            history = places[start:stop]
            block[i, history[history >= 0]] = 1 / np.sqrt(max(1, len(history)))
        for part in blocks(count, PRODUCT_ROWS):
            together[part] += block[:, part].T @ block
    return together


def _in_a_row(starts: Ids, stops: Ids, places: Rows, count: int) -> Floats:
    """Pairs within the window in one history, weighted by closeness, in both directions."""
    together, times = np.zeros((count, count), np.float32), np.empty((count, count), np.int32)
    for distance in range(1, WINDOW + 1):
        times.fill(0)
        for users in blocks(len(starts), BLOCK_USERS):
            pairs = _pairs(starts[users], stops[users], places, distance, count)
            cells, numbers = np.unique(pairs, return_counts=True)
            times.reshape(-1)[cells] += numbers.astype(np.int32)
        for row, in_row in zip(together, times, strict=True):
            row += (in_row / distance).astype(np.float32)
    del times  # as large as the result
    for part in blocks(count, PRODUCT_ROWS):  # in its place: the matrix plus its transpose
        later = slice(part.start, None)
        both = together[part, later] + together[later, part].T
        together[part, later], together[later, part] = both, both.T
    return together


def _pairs(starts: Ids, stops: Ids, places: Rows, distance: int, count: int) -> Rows:
    """Cells, place * count + place, of the ratings of neighbouring users at this distance in one history."""
    history = places[starts[0] : stops[-1]]
    user = np.repeat(np.arange(len(starts)), stops - starts)
    before, after = history[:-distance], history[distance:]
    inside = (user[:-distance] == user[distance:]) & (before >= 0) & (after >= 0)
    cells: Rows = before[inside] * count + after[inside]
    return cells


def _information(together: Floats) -> Floats:
    """Positive pointwise mutual information, in the place of the counts."""
    np.fill_diagonal(together, 0)
    sums = together.sum(axis=1)
    shares = sums / max(float(sums.sum()), 1e-9)
    for part in blocks(len(together), PRODUCT_ROWS):
        together[part] /= np.maximum(np.outer(sums[part], shares), 1e-9)
        np.log(np.maximum(together[part], 1), out=together[part])
    return together


def _factors(matrix: Floats, dimension: int, generator: np.random.Generator) -> Floats:
    """[n, dimension] whose products approximate the symmetric matrix."""
    basis = generator.standard_normal((len(matrix), min(len(matrix), dimension + 20))).astype(np.float32)
    for _ in range(ITERATIONS):
        basis = np.linalg.qr(matrix @ basis)[0]
    values, vectors = np.linalg.eigh(basis.T @ matrix @ basis)
    largest = np.argsort(-values)[:dimension]
    scales = np.sqrt(np.maximum(values[largest], 0))
    return (basis @ vectors[:, largest] * scales).astype(np.float32)
