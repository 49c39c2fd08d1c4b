"""Finds the movies of a ratings file in the catalogue: by their numbers, otherwise by title and year."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from catalog.chunks import in_chunks
from catalog.models import Movie, Rating, User
from catalog.models.movie import searchable
from catalog.own_ratings.reading import Row
from catalog.titles import parted_title

MOST_CANDIDATES = 6
MAIN = "main:"
ByTitle = dict[str, list[tuple[int, int | None]]]  # ID and year of the movies under each title key


class Numbered(NamedTuple):
    """A movie under one of its numbers."""

    pk: int
    title: str
    year: int | None


ByNumber = dict[str | int, Numbered]  # by IMDb ID (a string) and by MovieLens number


class State(StrEnum):
    SURE = "sure"
    DOUBTFUL = "doubtful"  # the owner chooses one of the candidates, or none
    UNKNOWN = "unknown"
    RATED = "rated"  # already, here; it is left as it is


@dataclass(frozen=True)
class Match:
    row: Row
    state: State
    candidates: tuple[int, ...] = ()  # movie IDs, the likeliest first


def match_rows(user: User, rows: Sequence[Row]) -> list[Match]:
    """A match for each row, in a fixed number of queries; of two rows for one movie the last counts."""
    by_number, by_title = _by_number(rows), _by_title(rows)
    rated = set(Rating.objects.of(user).values_list("movie_id", flat=True))
    matches = [_match(row, by_number, by_title, rated) for row in rows]
    latest = {match.candidates[0]: place for place, match in enumerate(matches) if match.state == State.SURE}
    return [
        match
        for place, match in enumerate(matches)
        if match.state != State.SURE or latest[match.candidates[0]] == place
    ]


def _match(
    row: Row,
    by_number: ByNumber,
    by_title: ByTitle,
    rated: set[int],
) -> Match:
    known = _known(row, by_number)
    found = [(known, row.year)] if known else by_title.get(title_key(row.title), [])
    exact = [pk for pk, year in found if known or (row.year is not None and year == row.year)]
    if len(exact) == 1:
        return Match(row, State.RATED if exact[0] in rated else State.SURE, (exact[0],))
    found = found or _under_main_title(row, by_title) or _of_the_year(row, by_number)
    candidates = tuple(pk for pk, year in sorted(found, key=lambda pair: _years_off(row, pair[1])))
    fresh = tuple(pk for pk in candidates if pk not in rated)[:MOST_CANDIDATES]
    if candidates and not fresh:
        return Match(row, State.RATED, candidates[:1])
    return Match(row, State.DOUBTFUL, fresh) if fresh else Match(row, State.UNKNOWN)


def _known(row: Row, by_number: ByNumber) -> int | None:
    """The movie that a number of the row names for sure.

    A MovieLens number does so under the row's own title alone: the data sets number some movies differently.
    """
    if movie := by_number.get(row.imdb_id):
        return movie.pk
    movie = by_number.get(row.movielens_id or "")
    return movie.pk if movie and _is_titled(row, movie) else None


def _is_titled(row: Row, movie: Numbered) -> bool:
    """Whether the row has no title, or the movie's, with or without a subtitle."""
    shared = _title_keys(row.title) & _title_keys(movie.title)
    return row.title in ("", movie.title) or (bool(shared) and _may_be_of_year(row, movie.year))


def _title_keys(title: str) -> set[str]:
    """Of all titles that a title with others in brackets tells, with and without their subtitles."""
    return {title_key(text) for part in parted_title(title) for text in (part, _main(part))} - {""}


def _may_be_of_year(row: Row, year: int | None) -> bool:
    return row.year is None or year is None or abs(row.year - year) <= 1


def _of_the_year(row: Row, by_number: ByNumber) -> list[tuple[int, int | None]]:
    """The movie of the row's MovieLens number, where the year speaks for it and the title does not."""
    movie = by_number.get(row.movielens_id or "")
    return [(movie.pk, movie.year)] if movie and _years_off(row, movie.year) <= 1 else []


def _under_main_title(row: Row, by_title: ByTitle) -> list[tuple[int, int | None]]:
    """Movies of one of the row's titles, with or without a subtitle, out a year sooner or later at most."""
    keys = {start + key for key in _title_keys(row.title) for start in ("", MAIN)}
    movies = dict.fromkeys(movie for key in sorted(keys) for movie in by_title.get(key, []))
    return [(pk, year) for pk, year in movies if _years_off(row, year) <= 1]


def _main(title: str) -> str:
    """The title without a subtitle: "Star Wars: Episode IV - A New Hope"."""
    return re.split(r": | - ", title)[0]


def _years_off(row: Row, year: int | None) -> int:
    return abs(row.year - year) if row.year is not None and year is not None else 1000


def _by_number(rows: Iterable[Row]) -> ByNumber:
    rows = list(rows)
    found: ByNumber = {}
    movies = Movie.objects.visible()
    imdb_ids = {row.imdb_id for row in rows if row.imdb_id}
    numbers = {row.movielens_id for row in rows if row.movielens_id is not None}
    if imdb_ids:
        known = movies.exclude(imdb_id="").filter(imdb_id__in=imdb_ids)
        found |= {key: Numbered(*rest) for key, *rest in known.values_list("imdb_id", *Numbered._fields)}
    if numbers:
        numbered = movies.filter(movielens_id__in=numbers).values_list("movielens_id", *Numbered._fields)
        found |= {key: Numbered(*rest) for key, *rest in numbered if key is not None}
    return found


def _by_title(rows: Iterable[Row]) -> ByTitle:
    """ID and year of the movies that bear one of the rows' titles, also as their other title.

    Those that bear it only without their subtitle are under MAIN and the title.
    """
    rows = list(rows)
    wanted = {key for row in rows for key in (title_key(row.title), *_title_keys(row.title))} - {""}
    found: defaultdict[str, list[tuple[int, int | None]]] = defaultdict(list)
    if wanted:
        for pk, title, year in chain.from_iterable(in_chunks(Movie.objects.visible(), "title", "year")):
            parts = [part for part in parted_title(title) if part]
            whole = {title_key(part) for part in (title, *parts)}
            for key in whole & wanted:
                found[key].append((pk, year))
            for key in (
                {title_key(main) for part in parts if (main := _main(part)) != part} - whole
            ) & wanted:
                found[MAIN + key].append((pk, year))
    return found


def title_key(title: str) -> str:
    """Letters and digits of the title alone, without an article in front."""
    plain = re.sub(r"^(the|a|an) ", "", searchable(re.sub(r"^a\.?k\.?a\.? ", "", title, flags=re.IGNORECASE)))
    return re.sub(r"[^\w]|_", "", plain.replace("&", "and"))
