"""Finds movies that are likely one and the same."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import chain

from catalog.chunks import in_chunks
from catalog.models import Movie
from catalog.models.movie import searchable
from catalog.titles import parted_title

NOT_A_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Duplicates:
    """Movies with the same `reason`, a key of REASONS, the most rated first."""

    reason: str  # "title", "imdb_id" or "tmdb_id"
    movies: list[Movie]


def plain_title(title: str) -> str:
    """Letters and digits alone, without the other title in brackets: "Matrix, The" is "thematrix"."""
    main, _other = parted_title(title)
    return NOT_A_LETTER.sub("", searchable(main)) or searchable(title)


def likely_duplicates(*, limit: int = 100) -> tuple[list[Duplicates], int]:
    """Groups of visible movies of the same title and year, or the same ID elsewhere; and how many there are.

    The groups that people rated most come first, up to `limit`. Reads the titles of the whole catalogue.
    """
    found: defaultdict[tuple[str, Hashable], list[int]] = defaultdict(list)
    rated: dict[int, int] = {}
    columns = ("title", "year", "imdb_id", "tmdb_id", "rating_count")
    rows = chain.from_iterable(in_chunks(Movie.objects.visible(), *columns))
    for pk, title, year, imdb_id, tmdb_id, rating_count in rows:
        rated[pk] = rating_count
        for key in _keys(title, year, imdb_id, tmdb_id):
            found[key].append(pk)
    groups: dict[tuple[int, ...], str] = {}
    for (reason, _key), pks in found.items():
        if len(pks) > 1:
            groups.setdefault(tuple(pks), reason)
    first = sorted(groups, key=lambda pks: -sum(rated[pk] for pk in pks))[:limit]
    movies = Movie.objects.prefetch_related("genres").in_bulk([pk for pks in first for pk in pks])
    shown = [
        Duplicates(groups[pks], sorted((movies[pk] for pk in pks), key=lambda movie: -movie.rating_count))
        for pks in first
    ]
    return shown, len(groups)


def _keys(title: str, year: int | None, imdb_id: str, tmdb_id: int | None) -> Iterator[tuple[str, Hashable]]:
    if imdb_id:
        yield "imdb_id", imdb_id
    if tmdb_id:
        yield "tmdb_id", tmdb_id
    yield "title", (plain_title(title), year)
