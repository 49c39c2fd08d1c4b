"""The mean of all movies of a catalogue, which is taken from each (docs/adr/0053, 0056)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from .data import Floats, MovieInput, blocks
from .features import content_width, movie_content
from .trends import TREND_DIMENSIONS, trends_of_new_movies
from .vocabulary import UNKNOWN, Vocabulary

BLOCK_MOVIES = 10_000  # a row of content takes 1.4 KB


@dataclass(frozen=True)
class UnratedMovies:
    """What the mean needs of the movies without a rating, however many they are."""

    count: int
    content: Floats  # [content_width]: their mean
    trends: Floats  # [TREND_DIMENSIONS]: their mean

    @classmethod
    def of(cls, movies: Sequence[MovieInput], vocabulary: Vocabulary, trends: Floats, moment: int) -> Self:
        """Those of `movies` that are not in the vocabulary; `trends` [1, TREND_DIMENSIONS] of a movie
        without ratings at `moment`, in unix seconds."""
        rows = vocabulary.movie_rows([movie.movie_id for movie in movies])
        unrated = [movie for movie, row in zip(movies, rows.tolist(), strict=True) if row == UNKNOWN]
        content = np.zeros(content_width(vocabulary))
        trend = np.zeros(TREND_DIMENSIONS)
        for block in blocks(len(unrated), BLOCK_MOVIES):
            chunk = unrated[block]
            content += movie_content(chunk, vocabulary).sum(axis=0)
            trend += trends_of_new_movies(chunk, trends, moment).sum(axis=0)
        count = max(1, len(unrated))
        return cls(len(unrated), (content / count).astype(np.float32), (trend / count).astype(np.float32))

    def centre(self, rated: Floats, weights: Mapping[str, Floats]) -> Floats:
        """float32[256]: the mean of these and of the `rated` movies [n, 256], by the weights of a model."""
        learned = weights["movie_id.weight"][UNKNOWN] + self.content @ weights["content.weight"]
        unrated = np.concatenate([learned, self.trends])
        share = np.float32(self.count / (self.count + len(rated)))
        return rated.mean(axis=0) * (1 - share) + unrated * share
