"""Two model versions beside each other on the catalogue as it is, for a sample of users and for one user."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog.models import Movie, User
from recommendations.interactions import each_movie_input, user_input, user_inputs
from recommendations.live_model import load_model
from recommendations.models import ModelVersion
from recommendations.two_tower.data import MovieInput, UserInput
from recommendations.two_tower.differences import Differences, differences, ranked_lists
from recommendations.two_tower.serving_model import ServingModel

SAMPLE = 200  # users
SEED = 0


@dataclass(frozen=True)
class Row:
    """A place in one user's list."""

    movie_id: int
    title: str
    score: float
    stars: float  # predicted
    other_place: int | None  # in the list of the other version


@dataclass(frozen=True)
class VersionDiff:
    before: ModelVersion
    after: ModelVersion
    sample: Differences | None  # None while nobody rated anything
    titles: dict[int, str]  # of the movers
    user: User | None
    lists: tuple[list[Row], list[Row]]  # of the user, before and after


def version_diff(before: ModelVersion, after: ModelVersion, *, user: User | None = None) -> VersionDiff:
    """Six queries or so, and a few milliseconds of numpy for each user of the sample.

    Raises NoActiveModel if the files of one of the versions are missing or damaged.
    """
    models = load_model(before), load_model(after)
    movies, now = list(each_movie_input(Movie.objects.visible())), int(time.time())
    users = _sample()
    ranked = [ranked_lists(model, users, movies, now=now)[0] for model in models]
    sample = differences(ranked[0], ranked[1], movies) if users and movies else None
    moved = [*sample.risen, *sample.fallen] if sample else []
    titles = {movie.movie_id: movie.title for movie in movies}
    return VersionDiff(
        before=before,
        after=after,
        sample=sample,
        titles={mover.movie_id: titles[mover.movie_id] for mover in moved},
        user=user,
        lists=_lists_of(user, models, movies, now) if user else ([], []),
    )


def _sample() -> list[UserInput]:
    """The same users each time, as long as nobody comes or goes; those among them who rated something."""
    ids = np.fromiter(User.objects.staying().order_by("pk").values_list("pk", flat=True), np.int64)
    drawn = np.random.default_rng(SEED).permutation(ids)[:SAMPLE]
    people = user_inputs(list(User.objects.filter(pk__in=drawn.tolist()).order_by("pk")))
    return [person for person in people if len(person.movie_ids)]


def _lists_of(
    user: User, models: Sequence[ServingModel], movies: Sequence[MovieInput], now: int
) -> tuple[list[Row], list[Row]]:
    person = user_input(user)
    titles = {movie.movie_id: movie.title for movie in movies}
    ranked = [ranked_lists(model, [person], movies, now=now) for model in models]
    found = [(lists[0], scores[0]) for lists, scores in ranked]
    rows = []
    for model, (own, scores), (other, _scores) in zip(models, found, reversed(found), strict=True):
        stars = model.predict_stars(person, np.array(own, np.int64))
        rows.append(
            [
                Row(m, titles[m], float(score), float(star), other.index(m) + 1 if m in other else None)
                for m, score, star in zip(own, scores, stars, strict=True)
            ]
        )
    return rows[0], rows[1]
