"""Movie cards: what a page or an API answer shows of a movie, for a list of IDs.

Where CACHE_URL names Redis, cards are kept there and in this process's memory; otherwise (and for what is
in neither) they come from the database in one query. A kept card is never older than the last committed
change of its movie:

* Each card is kept with the movie's *stamp*, which was read from Redis before the card was from the database.
  The stamps of a list take one MGET, and no other step if all its cards are in memory.
* Every change replaces the stamp once its transaction has committed (`forget_cards`), and a card whose
  stamp is not the current one is not used. So a reader that was slower than the change can only keep
  a card that nobody will use; it needs no lock and no deadline.
* One *epoch*, compared in the same way, invalidates all cards at once after bulk changes, and when Redis was
  emptied.
* Inside a transaction nothing kept is used: its reader sees what others must not see yet.

A stamp that cannot be written (Redis away at that moment) leaves a card stale for twice CARD_SECONDS at most.
A Redis that hangs is not asked for cards for a while, so that a page waits for it once and not for each of
its lists; stamps are written all the same.
docs/adr/0010-movie-cards.md has the alternatives.
"""

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache as cached
from typing import Any, Self

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.db import DEFAULT_DB_ALIAS, transaction
from django.urls import get_script_prefix, reverse

from catalog.models import Movie
from catalog.prepared import Prepared
from catalog.titles import spoken_title

CARD_SECONDS = 300
STAMP_SECONDS = 24 * 3600  # far longer than any card that was stored with the stamp before it
MAX_STAMPS = 1_000  # beyond, all cards are forgotten at once
LAYOUT = 1  # raise it when the fields of MovieCard change: servers of two releases may share a Redis
EPOCH_KEY = "movie-cards:epoch"
SLOW_SECONDS = 0.3  # an answer that takes longer than the two queries it saves: Redis hangs
MOST_REMEMBERED = 5_000  # cards in this process's memory, a kilobyte each
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
        return address_of(self.id)

    def get_absolute_url(self) -> str:
        return self.url

    def __str__(self) -> str:
        return f"{self.display_title} ({self.year})" if self.year else self.display_title


def address_of(movie_id: int) -> str:
    """Of the movie's page."""
    return f"{_addresses(get_script_prefix())}{movie_id}/"


@cached
def _addresses(script_prefix: str) -> str:
    """What the address of every movie's page starts with; to reverse each costs more than all the rest."""
    return reverse("movie-detail", args=[1]).removesuffix("1/")


STORED_FIELDS = tuple(name for name in MovieCard.__slots__ if name not in ("display_title", "genres"))

_remembered: dict[int, tuple[float, list[int | None], MovieCard]] = {}  # until when, stamps, card


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
        stamp = _new_stamp()
        if changed is None or len(changed) > MAX_STAMPS:
            cache.set(EPOCH_KEY, stamp, timeout=None)
        else:
            cache.set_many({_stamp_key(movie_id): stamp for movie_id in changed}, timeout=STAMP_SECONDS)

    transaction.on_commit(replace_stamps, robust=True)


def shared_cache() -> BaseCache | None:
    """The cache that all processes share, so that all see a stamp; None when there is only a local one."""
    is_shared = "redis" in settings.CACHES["default"]["BACKEND"]
    return caches["default"] if is_shared else None


def _from_database(movie_ids: Sequence[int], using: str | None = None) -> dict[int, MovieCard]:
    """One row for each genre of a movie, by the genre's name; one with none for a movie that has no genre."""
    fields: dict[int, tuple[Any, ...]] = {}
    genres: dict[int, list[CardGenre]] = {}
    for *stored, name, slug in _stored.rows(using=using, movies=movie_ids):
        fields[stored[0]] = tuple(stored)
        of_movie = genres.setdefault(stored[0], [])
        if slug is not None:
            of_movie.append(CardGenre(name, slug))
    return {pk: _card(stored, genres[pk]) for pk, stored in fields.items()}


def _card(stored: tuple[Any, ...], genres: list[CardGenre]) -> MovieCard:
    movie_id, title, *others = stored
    return MovieCard(movie_id, title, spoken_title(title), others[0], CardGenres(genres), *others[1:])


_stored = Prepared(
    lambda movies: (
        Movie.objects.visible()
        .filter(pk__in=movies)
        .order_by("genres__name")
        .values_list(*STORED_FIELDS, "genres__name", "genres__slug")
    )
)


def _through_cache(cache: BaseCache, movie_ids: Sequence[int]) -> dict[int, MovieCard]:
    """Stamps from the cache; cards from this process's memory, else from the cache, else the database."""
    stamps = _fetch(cache, [EPOCH_KEY, *map(_stamp_key, movie_ids)])
    if stamps is None:
        return _from_database(movie_ids)
    if EPOCH_KEY not in stamps:  # the cache is new or was emptied, and knows no change of before
        stamps[EPOCH_KEY] = cache.get_or_set(EPOCH_KEY, _new_stamp(), timeout=None)
    cards = _from_memory(stamps, movie_ids)
    if missing := [movie_id for movie_id in movie_ids if movie_id not in cards]:
        read = _from_cache(cache, stamps, missing)
        _remember(stamps, read)
        cards |= read
    return cards


def _from_memory(stamps: dict[str, Any], movie_ids: Sequence[int]) -> dict[int, MovieCard]:
    cards, now = {}, time.monotonic()
    for movie_id in movie_ids:
        entry = _remembered.get(movie_id)
        if entry is not None and entry[0] > now and entry[1] == _stamps(stamps, movie_id):
            cards[movie_id] = entry[2]
    return cards


def _remember(stamps: dict[str, Any], cards: dict[int, MovieCard]) -> None:
    if len(_remembered) + len(cards) > MOST_REMEMBERED:
        _remembered.clear()
    until = time.monotonic() + CARD_SECONDS
    _remembered.update((pk, (until, _stamps(stamps, pk), card)) for pk, card in cards.items())


def _from_cache(cache: BaseCache, stamps: dict[str, Any], movie_ids: Sequence[int]) -> dict[int, MovieCard]:
    """What the cache lacks is read from the database and left there with the stamps seen before.

    From the primary: a replica may have the row of before the change that the stamp stands for.
    """
    found = _fetch(cache, [*map(_card_key, movie_ids)]) or {}
    cards = {}
    for movie_id in movie_ids:
        entry = found.get(_card_key(movie_id))
        if entry is not None and entry[:2] == _stamps(stamps, movie_id):
            cards[movie_id] = MovieCard.from_json(entry[2])
    missing = [movie_id for movie_id in movie_ids if movie_id not in cards]
    read = _from_database(missing, using=DEFAULT_DB_ALIAS)
    if read:
        entries = {_card_key(pk): [*_stamps(stamps, pk), card.to_json()] for pk, card in read.items()}
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


def _new_stamp() -> int:
    """A number, which django-redis keeps as it is: a text it would have to parse as JSON."""
    return secrets.randbits(62)


def _stamps(found: dict[str, Any], movie_id: int) -> list[int | None]:
    return [found.get(EPOCH_KEY), found.get(_stamp_key(movie_id))]


def _card_key(movie_id: int) -> str:
    return f"movie-card:{LAYOUT}:{movie_id}"


def _stamp_key(movie_id: int) -> str:
    return f"movie-stamp:{movie_id}"
