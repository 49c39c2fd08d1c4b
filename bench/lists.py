"""What top-ten lists are like beside being right: coverage, popularity bias, diversity, novelty."""

from collections.abc import Mapping

import numpy as np

from recommendations.two_tower.data import Floats, MovieInput
from recommendations.two_tower.evaluate import Rankings
from recommendations.two_tower.list_quality import (
    catalogue_coverage,
    genre_diversity,
    gini,
    most_popular,
    novelty,
    popularity_percentiles,
    vector_diversity,
)
from recommendations.two_tower.splits import Split

K = 10
HEAD_SHARE = 0.01  # of the movies: the head


def list_quality(
    split: Split, ranked: Rankings, movies: Mapping[int, MovieInput], directions: Floats
) -> dict[str, float]:
    """Means over all lists. `directions` are those of the split's candidates, in their order."""
    counts = np.bincount(
        np.searchsorted(split.candidates, split.before.movie_ids), minlength=len(split.candidates)
    )
    popularity = counts.astype(np.float32)
    lists = [movies_of_user[:K] for movies_of_user in ranked.values() if movies_of_user]
    places = [np.searchsorted(split.candidates, movies_of_user) for movies_of_user in lists]
    shown = np.concatenate(places)
    head = np.zeros(len(popularity), bool)
    head[most_popular(popularity, HEAD_SHARE)] = True
    users = len(np.unique(split.before.user_ids))
    return {
        "movies in any list": len(np.unique(shown)),
        "coverage": catalogue_coverage(lists, len(split.candidates)),
        "gini": gini(np.bincount(shown, minlength=len(popularity))),
        "head share": float(head[shown].mean()),
        "popularity percentile": float(popularity_percentiles(popularity)[shown].mean()),
        "novelty": float(novelty(popularity, users)[shown].mean()),
        "genre diversity": float(
            np.mean([genre_diversity([movies[m].genres for m in one]) for one in lists])
        ),
        "vector diversity": float(np.mean([vector_diversity(directions[one]) for one in places])),
    }
