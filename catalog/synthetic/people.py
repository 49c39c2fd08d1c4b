"""Made-up people and what they rate: few rate much, each by a taste of their own, in sessions."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.models import User
from catalog.movielens.rows import UserRow
from catalog.synthetic.movies import Floats, MovieWorld

FEWEST = 5  # ratings of a user
LARGEST_SHARE = 3  # nobody rates more than one in so many movies
SPREAD = 1.1  # of the log-normal numbers of ratings
CHOICE = 4  # a user picks each movie to rate from about so many well-known ones
PICKINESS = 1.5  # how much taste counts against chance
FAME = 0.6  # and how much being well-known does among the candidates
AGES = np.array(User.AgeGroup.values)
FIRST_DAY, LAST_DAY = 16_436, 20_088  # 2015 and 2024, in days since 1970
SESSION = 20  # ratings, on average
DAY = 86_400  # seconds


class UserRatings(NamedTuple):
    """The ratings of one user in order of time."""

    places: NDArray[np.int64]  # of the movies
    stars: Floats
    seconds: NDArray[np.int64]  # since 1970


def ratings_per_user(users: int, movies: int, ratings: int, *, seed: int) -> NDArray[np.int64]:
    """Log-normal numbers within FEWEST and a share of the movies, whose sum is `ratings`."""
    weights = np.random.default_rng([seed, 2]).lognormal(sigma=SPREAD, size=users)
    most = movies // LARGEST_SHARE - FEWEST
    more = np.zeros(users)
    while (left := ratings - FEWEST * users - more.sum()) > 0.5:
        open_ = more < most
        more[open_] = np.minimum(more[open_] + left * weights[open_] / weights[open_].sum(), most)
    ends = np.rint(np.cumsum(more)).astype(np.int64)
    return FEWEST + np.diff(ends, prepend=0)


def make_person(number: int, *, seed: int) -> UserRow:
    """User `number` with demographics that real ones might have."""
    chance = np.random.default_rng([seed, 3, number])
    return UserRow(
        number,
        "F" if chance.random() < 0.45 else "M",
        int(chance.choice(AGES)),
        int(chance.integers(21)),
        f"{chance.integers(501, 99_951):05}",
    )


def ratings_of(
    person: UserRow, count: int, world: MovieWorld, genre_nature: Floats, seed: int
) -> UserRatings:
    """`count` different movies that were out when the person joined, mostly to their taste."""
    chance = np.random.default_rng([seed, 4, person.movielens_id])
    joined = int(chance.integers(FIRST_DAY, LAST_DAY - 30))
    taste = _taste(person, genre_nature, chance)
    places = _candidates(count, world, 1970 + joined // 365, chance)
    liking = world.nature[places] @ taste
    appeal = PICKINESS * liking + FAME * world.fame[places] + chance.gumbel(size=len(places))
    best = np.argsort(-appeal, kind="stable")[:count]
    chosen = chance.permutation(best)
    mood = 0.6 * liking[chosen] + world.quality[places[chosen]] + 0.3 * chance.normal()
    stars = np.clip(np.rint(2 * (3.5 + mood + 0.5 * chance.normal(size=count))) / 2, 0.5, 5)
    return UserRatings(places[chosen], stars.astype(np.float32), _moments(count, joined, chance))


def _taste(person: UserRow, genre_nature: Floats, chance: np.random.Generator) -> Floats:
    """float32[TASTES] of length 1: two favourite genres, those of the age group rather often."""
    near = (person.age_group or 0) % len(genre_nature)
    second = near if chance.random() < 0.5 else int(chance.integers(len(genre_nature)))
    taste = genre_nature[chance.integers(len(genre_nature))] + genre_nature[second]
    taste = taste + 0.5 * chance.normal(size=len(taste))
    return (taste / np.linalg.norm(taste)).astype(np.float32)


def _candidates(count: int, world: MovieWorld, year: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """At least `count` different movies not newer than `year`, the well-known more likely."""
    found = np.zeros(0, np.int64)
    for _attempt in range(4):
        drawn = np.searchsorted(world.shares, chance.random(CHOICE * count))
        drawn = np.minimum(drawn, len(world.shares) - 1)
        found = np.union1d(found, drawn[world.years[drawn] <= year])
        if len(found) >= 2 * count:
            return found
    if len(found) >= count:
        return found
    rest = chance.permutation(np.setdiff1d(np.arange(len(world.shares)), found))
    oldest_first = rest[np.argsort(world.years[rest], kind="stable")]
    return np.concatenate([found, oldest_first[: count - len(found)]])


def _moments(count: int, joined: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Seconds since 1970: sessions within a year of joining, half a minute or so between two ratings."""
    sessions = 1 + int(chance.poisson(count / SESSION))
    span = min(365, LAST_DAY - joined) * DAY
    starts = np.sort(chance.beta(0.5, 1.5, size=sessions) * span)
    session = np.sort(chance.integers(sessions, size=count))
    pauses = np.cumsum(chance.lognormal(np.log(20), 1, size=count))
    first = np.searchsorted(session, session)
    moments = joined * DAY + starts[session] + pauses - pauses[first]
    return np.sort(moments).astype(np.int64)


def people(users: int, *, seed: int) -> Iterator[UserRow]:
    return (make_person(number, seed=seed) for number in range(1, users + 1))
