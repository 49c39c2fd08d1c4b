"""Movies to ask a newcomer about: likely seen, unlike one another, and such that opinions on them part.

After Rashid et al., "Getting to know you" (2002): popularity makes an answer likely, spread of opinion makes
it worth something. Each answer, also "haven't seen it", changes what is asked next.
"""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from catalog.cards import MovieCard, movie_cards
from catalog.models import Movie, Rating, User

POOL = 200  # of the most rated movies
ENOUGH = 3  # ratings after which a list is personal
PLACES = 60  # a movie that is best in all other respects may overtake about so many more popular ones
HIGHEST, LOWEST = 5.0, 0.5
WIDEST = ((HIGHEST - LOWEST) / 2) ** 2  # the largest variance that stars can have


def movies_to_rate(
    user: User, *, limit: int = 18, unseen: Collection[int] = (), shown: Collection[int] = ()
) -> list[MovieCard]:
    """Up to `limit` movies that the user neither rated nor marked, best to ask first; three queries.

    `unseen` are movies that the user said not to have seen, `shown` those that stand on the page already.
    """
    rated = set(Rating.objects.of(user).values_list("movie_id", flat=True))
    answered = rated | set(unseen)
    pool = Movie.objects.visible().exclude(pk__in=user.marks.values("movie")).popular()
    asker = _Asker()
    left = []
    for card in movie_cards(list(pool.values_list("pk", flat=True)[: POOL + len(answered)])):
        if card.id in answered or card.id in shown:
            asker.learn(card, seen=card.id in rated, missed=card.id in unseen)
        else:
            left.append(card)
    return asker.choose(left[:POOL], limit)


class _Asker:
    """Remembers which genres and decades were asked about, and which of them the user knows."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()

    def learn(self, movie: MovieCard, *, seen: bool, missed: bool) -> None:
        traits = _traits(movie)
        self._asked.update(traits)
        if seen:
            self._seen.update(traits)
        if missed:
            self._missed.update(traits)

    def choose(self, movies: Sequence[MovieCard], limit: int) -> list[MovieCard]:
        """One by one, since each makes another of its kind less worth asking about."""
        traits = [_traits(movie) for movie in movies]
        lasting = np.array(
            [
                self._known(own) + _spread(movie) - place / PLACES
                for place, (movie, own) in enumerate(zip(movies, traits, strict=True))
            ]
        )
        columns = {trait: column for column, trait in enumerate(set().union(*traits))}
        has = np.zeros((len(movies), len(columns)))
        for row, own in zip(has, traits, strict=True):
            row[[columns[trait] for trait in own]] = 1
        share = has / np.maximum(has.sum(axis=1, keepdims=True), 1)
        asked = np.array([self._asked[trait] for trait in columns], np.float64)
        chosen: list[MovieCard] = []
        for _ in range(min(limit, len(movies))):
            novelty = share @ (1 / (1 + asked))  # from 0 to 1: 1 where nothing like it was asked about
            place = int(np.argmax(lasting + novelty))
            lasting[place] = -np.inf
            asked += has[place]
            chosen.append(movies[place])
        return chosen

    def _known(self, traits: Sequence[str]) -> float:
        """From 0 to 1: the chance that it was seen."""
        known = ((1 + self._seen[t]) / (2 + self._seen[t] + self._missed[t]) for t in traits)
        return sum(known) / (len(traits) or 1)


def _spread(movie: MovieCard) -> float:
    """From 0 to 1: the widest spread that ratings of this mean can have, a bound that needs no query."""
    mean = movie.rating_mean
    return 0.0 if mean is None else (HIGHEST - mean) * (mean - LOWEST) / WIDEST


def _traits(movie: MovieCard) -> list[str]:
    decade = [f"{movie.year // 10 * 10}s"] if movie.year else []
    return [genre.name for genre in movie.genres] + decade
