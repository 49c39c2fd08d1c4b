"""Movies from an operator's other systems: each row creates a movie or changes the one that it names.

Rows are told apart by the first of `id`, `movielens_id`, `imdb_id` and `tmdb_id` that they have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.models import Genre, Movie

KEYS = ("id", "movielens_id", "imdb_id", "tmdb_id")
FIELDS = ("title", "year", "movielens_id", "imdb_id", "tmdb_id", "withdrawn")
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"

Row = Mapping[str, Any]  # fields of a movie that have been checked, each for itself; `genres` are slugs


class RowRefused(Exception):
    """A row that fits no movie; `field` is the one to mend."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code, self.message = field, code, message


@dataclass(frozen=True)
class Upserted:
    movie_id: int
    status: str  # created, updated or unchanged


class Upserts:
    """Writes rows one after the other; made for one request, with what it needs of the database at hand."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Reads genres and the movies that `rows` name, in as many queries as there are keys."""
        self.genres = {genre.slug: genre for genre in Genre.objects.all()}
        self.movies: dict[tuple[str, Any], list[Movie]] = {}
        for key in KEYS:
            values = {row[key] for row in rows if row.get(key)}
            if values:
                for movie in Movie.objects.filter(**{f"{key}__in": values}).prefetch_related("genres"):
                    self.movies.setdefault((key, getattr(movie, key)), []).append(movie)

    def write(self, row: Row) -> Upserted:
        """Create or change the movie of `row`; what the row leaves out stays. Raises RowRefused."""
        genres = self._genres(row)
        movie = self._movie_of(row)
        try:
            with transaction.atomic():
                return self._create(row, genres) if movie is None else self._change(movie, row, genres)
        except IntegrityError as error:
            raise RowRefused("movielens_id", "unique", _("Another movie has this number.")) from error

    def _genres(self, row: Row) -> list[Genre] | None:
        if "genres" not in row:
            return None
        for slug in row["genres"]:
            if slug not in self.genres:
                raise RowRefused(
                    "genres", "does_not_exist", _("There is no genre %(slug)s.") % {"slug": slug}
                )
        return [self.genres[slug] for slug in dict.fromkeys(row["genres"])]

    def _movie_of(self, row: Row) -> Movie | None:
        key = next((key for key in KEYS if row.get(key)), None)
        if key is None:
            return None
        found = [movie for movie in self.movies.get((key, row[key]), []) if getattr(movie, key) == row[key]]
        if len(found) > 1:
            raise RowRefused(key, "ambiguous", _("Several movies have it. Name one by its id."))
        if key == "id" and not found:
            raise RowRefused("id", "does_not_exist", _("There is no such movie."))
        return found[0] if found else None

    def _create(self, row: Row, genres: list[Genre] | None) -> Upserted:
        if "title" not in row:
            raise RowRefused("title", "required", _("A new movie needs a title."))
        movie = Movie.objects.create(**{name: row[name] for name in FIELDS if name in row})
        movie.genres.set(genres or [])
        self._remember(movie)
        return Upserted(movie.pk, CREATED)

    def _change(self, movie: Movie, row: Row, genres: list[Genre] | None) -> Upserted:
        changed = [name for name in FIELDS if name in row and getattr(movie, name) != row[name]]
        regrouped = genres is not None and set(genres) != set(movie.genres.all())
        if not changed and not regrouped:
            return Upserted(movie.pk, UNCHANGED)
        before = {name: getattr(movie, name) for name in changed}
        try:
            for name in changed:
                setattr(movie, name, row[name])
            movie.save_edited(changed)
        except IntegrityError:
            for name, value in before.items():
                setattr(movie, name, value)
            raise
        if genres is not None and regrouped:
            movie.genres.set(genres)
        self._remember(movie)
        return Upserted(movie.pk, UPDATED)

    def _remember(self, movie: Movie) -> None:
        """A later row of the same request may name it."""
        for key in KEYS:
            found = self.movies.setdefault((key, getattr(movie, key)), [])
            if movie not in found:
                found.append(movie)
