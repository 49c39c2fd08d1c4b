"""Movie cards: what a page or an API answer shows of a movie, for a list of IDs.

Cards come from Redis with one MGET when CACHE_URL names it, otherwise (and for what Redis lacks) from
the database in two queries. A cached card is never older than the last committed change of its movie:

* Each card is stored with the movie's *stamp* as it was read, in the same MGET, before the database was.
* Every change replaces the stamp once its transaction has committed (`forget_cards`), and a card whose
  stamp is not the current one is not used. So a reader that was slower than the change can only store
  a card that nobody will use; it needs no lock and no deadline.
* One *epoch*, compared in the same way, invalidates all cards at once after bulk changes.
* Inside a transaction the cache is left alone: its reader sees what others must not see yet.

A stamp that cannot be written (Redis away at that moment) leaves a card stale for CARD_SECONDS at most.
A Redis that hangs is not asked for cards for a while, so that a page waits for it once and not for each of
its lists; stamps are written all the same.
docs/adr/0010-movie-cards.md has the alternatives.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.db import transaction
from django.urls import reverse

from catalog.models import Movie
from catalog.titles import spoken_title

CARD_SECONDS = 300
STAMP_SECONDS = 24 * 3600  # far longer than any card that was stored with the stamp before it
MAX_STAMPS = 1_000  # beyond, all cards are forgotten at once
LAYOUT = 1  # raise it when the fields of MovieCard change: servers of two releases may share a Redis
EPOCH_KEY = "movie-cards:epoch"
SLOW_SECONDS = 0.3  # an answer that takes longer than the two queries it saves: Redis hangs
PAUSE_SECONDS = 5.0  # how long cards are then read from the database alone, which is right at any time

_paused_until = 0.0


@dataclass(frozen=True, slots=True)
class CardGenre:
    name: str
    slug: str

    def __str__(self) -> str:
        return self.name


class CardGenres(tuple[CardGenre, ...]):
    """Genres that a template reads like a movie's: `{% for genre in movie.genres.all %}`."""

    __slots__ = ()

    def all(self) -> Self:
        return self


@dataclass(frozen=True, slots=True)
class MovieCard:
    """A movie as it is shown, under the attribute names of `Movie`; it makes no queries."""

    id: int
    title: str
    display_title: str
    year: int | None
    genres: CardGenres
    rating_count: int
    rating_mean: float | None
    movielens_id: int | None
    imdb_id: str
    tmdb_id: int | None

    @classmethod
    def of(cls, movie: Movie) -> Self:
        """The card of a movie; two queries saved if its genres are prefetched."""
        genres = CardGenres(CardGenre(genre.name, genre.slug) for genre in movie.genres.all())
        plain = {name: getattr(movie, name) for name in cls.__slots__ if name != "genres"}
        return cls(genres=genres, **plain)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        genres = CardGenres(CardGenre(**genre) for genre in fields["genres"])
        return cls(**{**fields, "genres": genres})

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"genres": [asdict(genre) for genre in self.genres]}

    @property
    def pk(self) -> int:
        return self.id

    @property
    def url(self) -> str:
        return reverse("movie-detail", args=[self.id])

    def get_absolute_url(self) -> str:
        return self.url

    def __str__(self) -> str:
        return f"{self.display_title} ({self.year})" if self.year else self.display_title


STORED_FIELDS = tuple(name for name in MovieCard.__slots__ if name not in ("display_title", "genres"))


def movie_cards(movie_ids: Sequence[int]) -> list[MovieCard]:
    """Cards in the order of `movie_ids`; movies that are gone or withdrawn are left out."""
    cache = shared_cache()
    if cache is None or transaction.get_connection().in_atomic_block or time.monotonic() < _paused_until:
        cards = _from_database(movie_ids)
    else:
        cards = _through_cache(cache, movie_ids)
    return [cards[movie_id] for movie_id in movie_ids if movie_id in cards]


def forget_cards(movie_ids: Iterable[int] | None = None) -> None:
    """Let no cached card of these movies, or of any, be used once the present transaction commits."""
    cache = shared_cache()
    if cache is None:
        return
    changed = None if movie_ids is None else tuple(movie_ids)

    def replace_stamps() -> None:
        stamp = secrets.token_urlsafe(9)
        if changed is None or len(changed) > MAX_STAMPS:
            cache.set(EPOCH_KEY, stamp, timeout=None)
        else:
            cache.set_many({_stamp_key(movie_id): stamp for movie_id in changed}, timeout=STAMP_SECONDS)

    transaction.on_commit(replace_stamps, robust=True)


def shared_cache() -> BaseCache | None:
    """The cache that all processes share, so that all see a stamp; None when there is only a local one."""
    is_shared = "redis" in settings.CACHES["default"]["BACKEND"]
    return caches["default"] if is_shared else None


def _from_database(movie_ids: Sequence[int]) -> dict[int, MovieCard]:
    if not movie_ids:
        return {}
    genres = _genres(movie_ids)
    rows = Movie.objects.visible().filter(pk__in=movie_ids).values_list(*STORED_FIELDS)
    cards = {}
    for fields in rows:
        plain = dict(zip(STORED_FIELDS, fields, strict=True))
        genres_of_movie = CardGenres(genres.get(plain["id"], ()))
        card = MovieCard(display_title=spoken_title(plain["title"]), genres=genres_of_movie, **plain)
        cards[card.id] = card
    return cards


def _genres(movie_ids: Sequence[int]) -> dict[int, list[CardGenre]]:
    """Genres by movie, by name. Plain rows, which cost a third of what models and a prefetch do."""
    links = Movie.genres.through.objects.filter(movie_id__in=movie_ids).order_by("genre__name")
    genres: dict[int, list[CardGenre]] = {}
    for movie_id, name, slug in links.values_list("movie_id", "genre__name", "genre__slug"):
        genres.setdefault(movie_id, []).append(CardGenre(name, slug))
    return genres


def _through_cache(cache: BaseCache, movie_ids: Sequence[int]) -> dict[int, MovieCard]:
    found = _fetch(cache, [EPOCH_KEY, *map(_card_key, movie_ids), *map(_stamp_key, movie_ids)])
    if found is None:
        return _from_database(movie_ids)
    cards = dict(_usable(found, movie_ids))
    missing = [movie_id for movie_id in movie_ids if movie_id not in cards]
    read = _from_database(missing)
    if read:
        entries = {_card_key(pk): [*_stamps(found, pk), card.to_json()] for pk, card in read.items()}
        cache.set_many(entries, timeout=CARD_SECONDS)
    return cards | read


def _fetch(cache: BaseCache, keys: list[str]) -> dict[str, Any] | None:
    """What `cache` has of `keys`; None if it took so long that it is better left alone for a while."""
    global _paused_until
    start = time.monotonic()
    found = cache.get_many(keys)
    if time.monotonic() - start < SLOW_SECONDS:
        return found
    _paused_until = time.monotonic() + PAUSE_SECONDS
    return None


def _usable(found: dict[str, Any], movie_ids: Sequence[int]) -> Iterator[tuple[int, MovieCard]]:
    for movie_id in movie_ids:
        entry = found.get(_card_key(movie_id))
        if entry is not None and entry[:2] == _stamps(found, movie_id):
            yield movie_id, MovieCard.from_json(entry[2])


def _stamps(found: dict[str, Any], movie_id: int) -> list[str | None]:
    return [found.get(EPOCH_KEY), found.get(_stamp_key(movie_id))]


def _card_key(movie_id: int) -> str:
    return f"movie-card:{LAYOUT}:{movie_id}"


def _stamp_key(movie_id: int) -> str:
    return f"movie-stamp:{movie_id}"
