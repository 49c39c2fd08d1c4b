"""Refuses a data set whose numbers mean other movies or other people than those already imported.

MovieLens numbers movies differently in 100K than in all later sets, and users anew in every set, so that
two sets in one database would rate each other's movies in each other's name.
"""

from itertools import islice

from catalog.models import Movie, Rating
from catalog.models.movie import searchable
from catalog.movielens.bulk import batched
from catalog.movielens.errors import ImportRejected, RowRejected
from catalog.movielens.fields import parse_id, parse_time
from catalog.movielens.formats import Role
from catalog.movielens.reading import read_fields, read_rows
from catalog.movielens.recognition import DataSet, Table
from catalog.movielens.rejections import Rejections
from catalog.movielens.users import users_of_people

SAMPLE = 2000  # ratings
ENOUGH_MOVIES = 20  # fewer prove nothing
ENOUGH_RATINGS = 200
ANY_TIME = 2**40  # seconds
ADVICE = "another data set that uses the same numbers; import it into an empty database"

Ratings = set[tuple[int, int, int]]  # user, movie (MovieLens numbers), seconds since 1970


def refuse_other_data_set(data_set: DataSet) -> None:
    """Raise ImportRejected if most movies or ratings with known numbers are not the stored ones."""
    refuse_other_movies(data_set.tables[Role.MOVIES])
    refuse_other_people(data_set.tables[Role.RATINGS])


def refuse_other_movies(table: Table) -> None:
    same = known = 0
    for batch in batched(read_rows(table, unheeded(table), unheeded_bytes)):
        numbers = [row.movielens_id for _line, row in batch]
        stored = dict(
            Movie.objects.filter(movielens_id__in=numbers).values_list("movielens_id", "search_title")
        )
        for _line, row in batch:
            if row.movielens_id in stored:
                known += 1
                same += stored[row.movielens_id] == searchable(row.title)
    if known >= ENOUGH_MOVIES and same < known / 2:
        problem = f"only {same:,} of the {known:,} movies whose numbers are known have the known title"
        raise ImportRejected(f"{table.file.name}: {problem}: {ADVICE}")


def refuse_other_people(table: Table) -> None:
    sample = first_ratings(table)
    stored = stored_ratings({user for user, _movie, _seconds in sample})
    raters = {user for user, _movie, _seconds in stored}
    of_raters = {rating for rating in sample if rating[0] in raters}
    same = len(of_raters & stored)
    if len(of_raters) >= ENOUGH_RATINGS and same < len(of_raters) / 2:
        problem = f"only {same:,} of the first {len(of_raters):,} ratings by known users are known"
        raise ImportRejected(f"{table.file.name}: {problem}: {ADVICE}")


def first_ratings(table: Table) -> Ratings:
    """The well-formed ones among the first SAMPLE rows."""
    found = set()
    for _line, (user, movie, _stars, seconds) in islice(
        read_fields(table, unheeded(table), unheeded_bytes), SAMPLE
    ):
        try:
            numbers = parse_id(user, "user ID"), parse_id(movie, "movie ID")
            found.add((*numbers, parse_time(seconds, ANY_TIME)))
        except RowRejected:
            continue
    return found


def stored_ratings(users: set[int]) -> Ratings:
    """All imported ratings of these users, by number, but for the accounts that people use."""
    found: Ratings = set()
    for some in batched(sorted(users), 500):
        ratings = Rating.objects.filter(user__movielens_id__in=some, movie__movielens_id__isnull=False)
        rows = ratings.exclude(user__in=users_of_people()).values_list(
            "user__movielens_id", "movie__movielens_id", "rated_at"
        )
        for user, movie, rated_at in rows.iterator():
            found.add((user, movie, int(rated_at.timestamp())))  # type: ignore[arg-type]  # filtered above
    return found


def unheeded(table: Table) -> Rejections:
    """Here a faulty row just does not count; the import itself will name it."""
    return Rejections(table.file.name, skip=True)


def unheeded_bytes(_size: int) -> None:
    """Reading the sample is no progress."""
