"""From catalogue rows to the arrays of the two towers: the only bridge between the ORM and training data.

Training and serving both go through here, so that a feature means the same in both.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db.models import Func, IntegerField, Max, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from catalog.models import Movie, MovieQuerySet, Rating, User
from recommendations.two_tower.data import Ids, MovieInput, TrainingData, UserInput, UserTable

CHUNK_ROWS = 20_000
RATING = np.dtype([("user_id", np.int64), ("movie_id", np.int64), ("stars", np.float32), ("at", np.int64)])
DataMark = dict[str, int]  # the last key of "ratings", "users" and "movies"


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
    models = {"ratings": Rating, "users": User, "movies": Movie}
    return {
        name: model._base_manager.aggregate(last=Max("pk"))["last"] or 0 for name, model in models.items()
    }


def load_training_data(until: DataMark | None = None) -> TrainingData:
    """All users, all movies and all ratings, or those stored `until` a mark, by user and time.

    Ratings of the same second keep the order in which they were stored.
    """
    return load_with_stored_order(until)[0]


def load_with_stored_order(until: DataMark | None = None) -> tuple[TrainingData, Ids]:
    """As `load_training_data`, and for each rating its place in the order of storage."""
    last = until or {}
    rows = _rating_array(_up_to(Rating.objects.order_by("id"), last.get("ratings")))
    order = np.lexsort((rows["at"], rows["user_id"]))  # stable
    rows = rows[order]
    data = TrainingData(
        users=_user_table(_up_to(User.objects.order_by("pk"), last.get("users"))),
        movies=movie_inputs(_up_to(Movie.objects.order_by("id"), last.get("movies"))),
        user_ids=rows["user_id"].copy(),
        movie_ids=rows["movie_id"].copy(),
        stars=rows["stars"].copy(),
        timestamps=rows["at"].copy(),
    )
    return data, order


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


def user_input(user: User | None) -> UserInput:
    """What the user tower reads of `user`, as of now; of nobody when it is None. One query."""
    ratings = Rating.objects.filter(user=user) if user else Rating.objects.none()
    return _user_input(user, _rating_array(ratings.in_order()))


def user_inputs(users: Sequence[User]) -> list[UserInput]:
    """As `user_input`, of each of `users`, in one query."""
    rows = _rating_array(Rating.objects.filter(user__in=users).in_order())
    return [_user_input(user, rows[rows["user_id"] == user.pk]) for user in users]


def _user_input(user: User | None, rows: np.ndarray) -> UserInput:
    return UserInput(
        user_id=user.pk if user else None,
        gender=user.gender if user else "",
        age_group=user.age_group if user else None,
        occupation=user.occupation if user else None,
        zip_code=user.zip_code if user else "",
        movie_ids=rows["movie_id"].copy(),
        stars=rows["stars"].copy(),
        timestamps=rows["at"].copy(),
    )


def _rating_array(ratings: QuerySet[Rating]) -> np.ndarray:
    """`ratings` in their order as an array of RATING."""
    values = ratings.annotate(at=UnixSeconds("rated_at")).values_list("user_id", "movie_id", "stars", "at")
    return np.fromiter(values.iterator(chunk_size=CHUNK_ROWS), dtype=RATING)


def _user_table(users: QuerySet[User]) -> UserTable:
    columns = ("pk", "gender", "age_group", "occupation", "zip_code")
    rows = list(users.values_list(*columns).iterator(chunk_size=CHUNK_ROWS))
    user_ids, genders, age_groups, occupations, zip_codes = zip(*rows, strict=True) if rows else [()] * 5
    return UserTable(
        user_ids=np.array(user_ids, dtype=np.int64),
        genders=genders,
        age_groups=age_groups,
        occupations=occupations,
        zip_codes=zip_codes,
    )
