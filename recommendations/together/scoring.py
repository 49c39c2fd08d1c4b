"""How movies are ordered for a group: average without misery.

The average of what each member would like, among the movies that leave nobody below a floor of their own
(Masthoff, "Group Modeling: Selecting a Sequence of Television Items to Suit a Group of Viewers", UMUAI 14,
2004). The rest follow by least misery: the movie whose least happy member is the least unhappy comes first.

Numbers only: knows neither users nor movies.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BELOW_MEAN = 0.5  # stars under their own mean that a movie may be for somebody before it counts as misery


def floor_of(mean_stars: float) -> float:
    """The fewest predicted stars that are no misery to somebody who gives `mean_stars` on average."""
    return mean_stars - BELOW_MEAN


def standardised(scores: Floats) -> Floats:
    """`scores` [members, movies] at mean 0 and deviation 1 for each member, 0 where all are alike.

    Inner products of different users' vectors are on different scales; this makes them comparable.
    """
    apart = scores - scores.mean(axis=1, keepdims=True)
    deviation = scores.std(axis=1, keepdims=True)
    return np.divide(apart, deviation, out=np.zeros_like(apart), where=deviation > 0)


def margins(stars: Floats, floors: Floats) -> Floats:
    """[movies]: predicted `stars` [members, movies] of the least happy member above their floor [members]."""
    return (stars - floors[:, None]).min(axis=0)


def group_order(scores: Floats, stars: Floats, floors: Floats) -> list[int]:
    """Positions of the movies, best for the group first.

    `scores` [members, movies] say how much each one wants to watch a movie, `stars` [members, movies] how
    happy it is predicted to make them, `floors` [members] below what number of stars it is misery.
    """
    average = standardised(scores).mean(axis=0)
    margin = margins(stars, floors)
    content = margin >= 0
    return sorted(range(len(average)), key=lambda i: (-1, -average[i]) if content[i] else (0, -margin[i]))
