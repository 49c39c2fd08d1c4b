"""Warm start: a training that goes on from the weights of an earlier model, on newer ratings.

What both models know keeps its weights, whatever row it has in either; what is new starts as what is unknown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .data import Floats, Ids
from .features import YEAR_BINS
from .serving_model import ServingModel
from .vocabulary import UNKNOWN, Vocabulary

MOVIE_TABLES = ("movie_id.weight", "transitions.movie.weight")
USER_TABLES = ("user_ids", "genders", "age_groups", "occupations", "regions")  # user_features.0 to .4


class WarmStartImpossible(Exception):
    """The earlier model has towers of another shape; the message says where."""


def carried_weights(
    fresh: Mapping[str, Floats], vocabulary: Vocabulary, earlier: ServingModel
) -> dict[str, Floats]:
    """Weights of the shapes of `fresh` with the values of `earlier`. Raises WarmStartImpossible."""
    weights = {}
    before = earlier.vocabulary
    for name, array in fresh.items():
        if name not in earlier.weights:
            raise WarmStartImpossible(f"the earlier model has no {name}")
        old = earlier.weights[name]
        carried = _carried(name, old, vocabulary, before)
        if carried.shape != array.shape:
            raise WarmStartImpossible(f"{name} is {list(carried.shape)} there, {list(array.shape)} here")
        weights[name] = carried
    return weights


def _carried(name: str, old: Floats, vocabulary: Vocabulary, before: Vocabulary) -> Floats:
    if name in MOVIE_TABLES:
        rows = before.movie_rows(vocabulary.movie_ids)
        return old[np.concatenate([[UNKNOWN], rows])]
    if name == "content.weight":
        return _content(old, vocabulary, before)
    for place, table in enumerate(USER_TABLES):
        if name == f"user_features.{place}.weight":
            return old[_rows(getattr(vocabulary, table), getattr(before, table))]
    return np.array(old)


def _rows(values: Sequence[Any], before: Sequence[Any]) -> Ids:
    """For UNKNOWN and each value its row before; UNKNOWN for a new one."""
    row_of = {value: row for row, value in enumerate(before, start=1)}
    return np.array([UNKNOWN, *(row_of.get(value, UNKNOWN) for value in values)], np.int64)


def _content(old: Floats, vocabulary: Vocabulary, before: Vocabulary) -> Floats:
    """Rows: a constant, genres, years, title words; new genres and words say nothing yet."""
    nothing = np.zeros((1, old.shape[1]), np.float32)
    genres_end = 1 + len(before.genres)
    years_end = genres_end + YEAR_BINS
    parts = [
        old[:1],
        np.concatenate([nothing, old[1:genres_end]])[_rows(vocabulary.genres, before.genres)[1:]],
        old[genres_end:years_end],
        np.concatenate([nothing, old[years_end:]])[_rows(vocabulary.words, before.words)[1:]],
    ]
    return np.concatenate(parts)
