"""Writes the movies of a data set, and the links to other sites."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction

from catalog.models import Genre, Movie, MovieChange
from catalog.movielens.bulk import batched, update_rows
from catalog.movielens.errors import RowRejected
from catalog.movielens.rejections import Rejections
from catalog.movielens.report import Counts
from catalog.movielens.rows import LinkRow, MovieRow

GenreLink = Movie.genres.through


@transaction.atomic
def write_movies(rows: Iterable[tuple[int, MovieRow]]) -> Counts:
    """Create or update the movies; title, year and genres become what the rows say."""
    counts, genres = Counts(), GenreNumbers()
    for batch in batched(row for _line, row in rows):
        write_batch(batch, genres, counts)
    return counts


def write_batch(rows: Sequence[MovieRow], genres: "GenreNumbers", counts: Counts) -> None:
    stored = movies_by_number([row.movielens_id for row in rows], with_genres=True)
    wanted = {row.movielens_id: genres.of(row.genres) for row in rows}
    created, edited, regrouped = [], [], []
    for row in rows:
        movie = stored.get(row.movielens_id)
        if movie is None:
            created.append(Movie(movielens_id=row.movielens_id, title=row.title, year=row.year))
            continue
        if (movie.title, movie.year) != (row.title, row.year):
            movie.title, movie.year = row.title, row.year
            edited.append(movie)
        if {genre.pk for genre in movie.genres.all()} != wanted[row.movielens_id]:
            regrouped.append(movie)
    create_movies(created)
    update_rows(Movie.objects.all(), edited, ["title", "search_title", "year", "updated_at"])
    regroup(regrouped, wanted)
    link_genres(created, wanted)
    updated = {movie.pk for movie in [*edited, *regrouped]}
    counts.created += len(created)
    counts.updated += len(updated)
    counts.unchanged += len(rows) - len(created) - len(updated)


def movies_by_number(numbers: Sequence[int], *, with_genres: bool = False) -> dict[int, Movie]:
    """The stored movies by MovieLens number."""
    movies = Movie.objects.filter(movielens_id__in=numbers)
    if with_genres:
        movies = movies.prefetch_related("genres")
    return {movie.movielens_id: movie for movie in movies if movie.movielens_id is not None}


def create_movies(movies: Sequence[Movie]) -> None:
    """Store them, with primary keys set also where the database returns none (MySQL)."""
    Movie.objects.bulk_create(movies)
    if without_key := {movie.movielens_id: movie for movie in movies if movie.pk is None}:
        stored = Movie.objects.filter(movielens_id__in=without_key)
        for movie_id, number in stored.values_list("pk", "movielens_id"):
            without_key[number].pk = movie_id


def regroup(movies: Sequence[Movie], genres: dict[int, set[int]]) -> None:
    """Give these movies the genres of `genres`, which goes by MovieLens number, instead of theirs."""
    if movies:
        GenreLink.objects.filter(movie__in=movies).delete()
        link_genres(movies, genres)
        MovieChange.objects.announce(movie.pk for movie in movies)


def link_genres(movies: Sequence[Movie], genres: dict[int, set[int]]) -> None:
    GenreLink.objects.bulk_create(
        [
            GenreLink(movie_id=movie.pk, genre_id=genre_id)
            for movie in movies
            for genre_id in sorted(genres[movie.movielens_id or 0])
        ],
        batch_size=5000,
    )


class GenreNumbers:
    """Primary keys of genres by name. Names that share a slug, like "Sci Fi" and "Sci-Fi", are one genre.

    An operator may have given a genre of the name another slug.
    """

    def __init__(self) -> None:
        self._by_slug = dict(Genre.objects.values_list("slug", "pk"))

    def of(self, names: Iterable[str]) -> set[int]:
        return {self._number(name) for name in names}

    def _number(self, name: str) -> int:
        slug = Genre.slug_of(name)
        if slug not in self._by_slug:
            genre, _created = Genre.objects.get_or_create(name=name, defaults={"slug": slug})
            self._by_slug[slug] = genre.pk
        return self._by_slug[slug]


@transaction.atomic
def write_links(rows: Iterable[tuple[int, LinkRow]], rejections: Rejections) -> Counts:
    """Give movies the numbers that they have at IMDb and TMDB; one that a row lacks stays as it is stored."""
    counts = Counts()
    for batch in batched(rows):
        stored = movies_by_number([row.movielens_id for _line, row in batch])
        edited = []
        for row in known_links(batch, stored, rejections):
            movie = stored[row.movielens_id]
            links = row.imdb_id or movie.imdb_id, row.tmdb_id or movie.tmdb_id
            if links != (movie.imdb_id, movie.tmdb_id):
                movie.imdb_id, movie.tmdb_id = links
                edited.append(movie)
            else:
                counts.unchanged += 1
        update_rows(Movie.objects.all(), edited, ["imdb_id", "tmdb_id", "updated_at"])
        counts.updated += len(edited)
    return counts


def known_links(
    batch: Iterable[tuple[int, LinkRow]], stored: dict[int, Movie], rejections: Rejections
) -> Iterator[LinkRow]:
    for line, row in batch:
        if row.movielens_id in stored:
            yield row
        else:
            rejections.add(line, RowRejected(f"movie ID '{row.movielens_id}' is not among the movies"))
