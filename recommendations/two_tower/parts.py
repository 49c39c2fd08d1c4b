"""The part of a batch that one of several processes computes: every so-many-th of its histories."""

from typing import NamedTuple

import numpy as np

from .batches import TrainingBatch
from .data import Ids
from .features import HistoryBatch


class Part(NamedTuple):
    """Histories, and places in the batch's next ratings and cuts with their positions in the part."""

    histories: HistoryBatch
    following: Ids  # places among the batch's next ratings
    positions: Ids  # [following], in the part's flattened tokens
    cuts: Ids  # places among the batch's cuts
    cut_positions: Ids


def part_of(batch: TrainingBatch, rank: int, size: int) -> Part:
    """Histories `rank`, `rank` + `size` and so on; there may be none. Of one process it is the batch."""
    length = batch.histories.movies.shape[1] + 1
    histories = HistoryBatch(*(np.ascontiguousarray(column[rank::size]) for column in batch.histories))
    following, positions = _own(batch.positions, length, rank, size)
    cuts, cut_positions = _own(batch.cuts.positions, length, rank, size)
    return Part(histories, following, positions, cuts, cut_positions)


def _own(positions: Ids, length: int, rank: int, size: int) -> tuple[Ids, Ids]:
    rows, tokens = np.divmod(positions, length)
    own = np.flatnonzero(rows % size == rank)
    return own, rows[own] // size * length + tokens[own]
