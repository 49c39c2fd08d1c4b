"""From catalogue rows to the arrays of the two towers: the only bridge between the ORM and training data.

Training and serving both go through here, so that a feature means the same in both. A movie that somebody
began and did not finish is read as one that they rated UNFINISHED_STARS (docs/adr/0023-did-not-finish.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from django.db.models import Exists, FloatField, Func, IntegerField, Max, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.sql.compiler import SQLCompiler

from catalog.chunks import in_chunks
from catalog.models import Mark, Movie, MovieQuerySet, Rating, User
from catalog.prepared import Prepared
from recommendations.two_tower.data import (
    Ids,
    MovieInput,
    TrainingData,
    UserInput,
    UserTable,
    narrow,
    no_stars,
)

UNFINISHED_STARS = 2.0  # what an unfinished movie without a rating counts as: a weak "not for me"
COLUMNS = ("user_id", "movie_id", "stars", "at")
RATING = [("user_id", np.int64), ("movie_id", np.int64), ("stars", np.float32), ("at", np.int64)]
KEYED = np.dtype([("id", np.int64), *RATING])
STORED = np.dtype([*RATING, ("id", np.int64), ("kind", np.int8), ("weight", np.float32)])
RATED, UNFINISHED, HIDDEN = range(3)  # kinds of rows of STORED
DataMark = dict[str, int]  # the last key of "ratings", "unfinished", "users" and "movies"


class UnixSeconds(Func):
    """A point in time as seconds since 1970, computed by the database: a tenth of the cost of a datetime."""

    output_field = IntegerField()
    arity = 1

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)", **context
        )

    def as_mysql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="TIMESTAMPDIFF(SECOND, '1970-01-01', %(expressions)s)", **context
        )


def data_mark() -> DataMark:
    """The highest keys as of now: what a training that goes on later may still read."""
    models = {"ratings": Rating, "unfinished": Mark, "users": User, "movies": Movie}
    return {
        name: model._base_manager.aggregate(last=Max("pk"))["last"] or 0 for name, model in models.items()
    }


def load_training_data(until: DataMark | None = None) -> TrainingData:
    """All users, movies, ratings and unfinished movies, or those stored `until` a mark, by user and time.

    Ratings of the same second keep the order in which they were stored. Of who asked for the deletion of
    their account nothing is read.
    """
    last = until or {}
    ratings, marks = _up_to(_rated(), last.get("ratings")), _up_to(_unfinished(), last.get("unfinished"))
    return _training_data(_in_stored_order(ratings, marks), last)[0]


def load_with_stored_order(until: DataMark | None = None) -> tuple[TrainingData, Ids]:
    """Ratings alone, which the protocols are defined on, and for each its place in the order of storage."""
    last = until or {}
    return _training_data(_in_stored_order(_up_to(_rated(), last.get("ratings"))), last)


def _training_data(columns: dict[str, np.ndarray], last: DataMark) -> tuple[TrainingData, Ids]:
    order = np.lexsort((columns["at"], columns["user_id"]))  # stable
    people = _user_table(_up_to(User.objects.staying(), last.get("users")))
    there = np.isin(columns["user_id"], people.user_ids)
    if not there.all():  # somebody asked for the deletion of their account since their ratings were read
        order = order[there[order]]
    user_ids, movie_ids, stars, timestamps = (columns.pop(name)[order] for name in COLUMNS)
    data = TrainingData(
        people,
        list(each_movie_input(_up_to(Movie.objects.all(), last.get("movies")))),
        user_ids,
        movie_ids,
        stars,
        timestamps,
    )
    return data, order


def _in_stored_order(*tables: QuerySet[Rating] | QuerySet[Mark]) -> dict[str, np.ndarray]:
    """COLUMNS in few bits, without those who are leaving, who are few: no join over all ratings."""
    leaving = list(User.objects.leaving().values_list("pk", flat=True))
    kept = [rows.exclude(user__in=leaving) if leaving else rows for rows in tables]
    parts: dict[str, list[np.ndarray]] = {name: [narrow(np.empty(0, KEYED[name]))] for name in COLUMNS}
    for chunk in chain.from_iterable(in_chunks(rows, *COLUMNS) for rows in kept):
        columns = np.array(chunk, KEYED)
        for name, arrays in parts.items():
            arrays.append(narrow(columns[name].copy()))
    return {name: np.concatenate(parts.pop(name)) for name in COLUMNS}


def _up_to(rows: Any, last_key: int | None) -> Any:
    return rows if last_key is None else rows.filter(pk__lte=last_key)


def movie_inputs(movies: MovieQuerySet | Iterable[Movie]) -> list[MovieInput]:
    """What the movie tower reads of `movies`, in their order; two queries when it is a query set."""
    if isinstance(movies, MovieQuerySet):
        movies = movies.prefetch_related("genres")
    return [_movie_input(movie) for movie in movies]


def _movie_input(movie: Movie) -> MovieInput:
    genres = tuple(sorted(genre.name for genre in movie.genres.all()))
    return MovieInput(movie.pk, movie.title, movie.year, genres)


def each_movie_input(movies: MovieQuerySet) -> Iterator[MovieInput]:
    """As `movie_inputs`, of a catalogue too large to be held as instances, by rising ID.

    Movies of the same genres share the tuple of their names.
    """
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    links = Movie.genres.through.objects.values_list("movie", "genre__name")
    for chunk in in_chunks(movies, "title", "year"):
        genres = defaultdict(set)
        for movie_id, name in links.filter(movie__gte=chunk[0][0], movie__lte=chunk[-1][0]):
            genres[movie_id].add(name)
        for pk, title, year in chunk:
            names = tuple(sorted(genres[pk]))
            yield MovieInput(pk, title, year, shared.setdefault(names, names))


def user_input(user: User | None) -> UserInput:
    """What the user tower reads of `user`, as of now; of nobody when it is None. One query."""
    return user_input_and_seen(user)[0]


def user_input_and_seen(user: User | None) -> tuple[UserInput, set[int]]:
    """As `user_input`, and the IDs of the movies that must not be shown to `user` again; one query for both.

    They are the movies that `user` rated, hid or did not finish.
    """
    rows = _histories([user]) if user else np.empty(0, STORED)
    return _user_input(user, rows), set(rows["movie_id"].tolist())


def user_inputs(users: Sequence[User]) -> list[UserInput]:
    """As `user_input`, of each of `users`, in one query."""
    rows = _histories(users)
    return [_user_input(user, rows[rows["user_id"] == user.pk]) for user in users]


def _user_input(user: User | None, rows: np.ndarray) -> UserInput:
    rows = rows[rows["kind"] != HIDDEN]
    return UserInput(
        user_id=user.pk if user else None,
        gender=user.gender if user else "",
        age_group=user.age_group if user else None,
        occupation=user.occupation if user else None,
        zip_code=user.zip_code if user else "",
        movie_ids=rows["movie_id"].copy(),
        stars=rows["stars"].copy(),
        timestamps=rows["at"].copy(),
        unfinished=rows["movie_id"][rows["kind"] == UNFINISHED],
        weights=rows["weight"].copy() if (rows["weight"] < 1).any() else no_stars(),
    )


def _histories(users: Sequence[User]) -> np.ndarray:
    """What `users` rated, did not finish or hid, oldest first, as an array of STORED."""
    rows = np.array(_stored.rows(users=[user.pk for user in users]), dtype=STORED)
    return rows[np.lexsort((rows["id"], rows["at"]))]


def _stored_rows(users: Sequence[int]) -> QuerySet[Any, Any]:
    rated, *marked = (
        rows.filter(user__in=users).values_list(*COLUMNS, "id", Value(kind), weight)
        for rows, kind, weight in (
            (_rated(), RATED, Coalesce("influence__weight", 1.0)),
            (_unfinished(), UNFINISHED, Value(1.0)),
            (_marked(Mark.Kind.HIDDEN), HIDDEN, Value(1.0)),
        )
    )
    return rated.union(*marked, all=True)


_stored = Prepared(_stored_rows)


def _rated() -> QuerySet[Rating]:
    return Rating.objects.annotate(at=UnixSeconds("rated_at"))


def _unfinished() -> QuerySet[Mark]:
    """Movies that somebody did not finish and did not rate either, with the columns of a rating."""
    rated = Exists(Rating.objects.filter(user=OuterRef("user"), movie=OuterRef("movie")))
    return _marked(Mark.Kind.UNFINISHED).filter(~rated)


def _marked(kind: Mark.Kind) -> QuerySet[Mark]:
    """Marks with the columns of a rating; the stars count on unfinished movies alone."""
    stars = Value(UNFINISHED_STARS, output_field=FloatField())
    return Mark.objects.filter(kind=kind).annotate(stars=stars, at=UnixSeconds("created_at"))


def _user_table(users: QuerySet[User]) -> UserTable:
    columns = ("gender", "age_group", "occupation", "zip_code")
    rows = list(chain.from_iterable(in_chunks(users, *columns)))
    user_ids, genders, age_groups, occupations, zip_codes = zip(*rows, strict=True) if rows else [()] * 5
    return UserTable(
        user_ids=np.array(user_ids, dtype=np.int64),
        genders=genders,
        age_groups=age_groups,
        occupations=occupations,
        zip_codes=zip_codes,
    )
