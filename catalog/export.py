"""Everything that the site keeps about a user, as files to take along."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from catalog.models import Mark, Rating, User

COLUMNS = ("title", "year", "rating", "rated_at", "movielens_id", "imdb_id", "tmdb_id")
PROFILE = ("username", "email", "first_name", "last_name", "date_joined", "last_login")
DEMOGRAPHICS = ("gender", "age_group", "occupation", "zip_code")


def ratings_csv(user: User) -> Iterator[str]:
    """The user's ratings, oldest first, as lines of CSV with a head line."""
    yield _csv_line(COLUMNS)
    for rating in Rating.objects.of(user).select_related("movie").in_order().iterator(chunk_size=2000):
        yield _csv_line(tuple(_safe(value) for value in _rating(rating).values()))


def everything_json(user: User) -> str:
    """Account, demographics, ratings and marks as one JSON document."""
    ratings = Rating.objects.of(user).select_related("movie").in_order()
    marks = Mark.objects.filter(user=user).select_related("movie").order_by("created_at", "pk")
    document = {
        "account": {name: getattr(user, name) for name in PROFILE},
        "demographics": {name: getattr(user, name) for name in DEMOGRAPHICS},
        "ratings": [_rating(rating) for rating in ratings],
        "marks": [
            {"title": mark.movie.title, "year": mark.movie.year, "kind": mark.kind, "since": mark.created_at}
            for mark in marks
        ],
    }
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _rating(rating: Rating) -> dict[str, Any]:
    movie = rating.movie
    values = (movie.title, movie.year, rating.stars, rating.rated_at.isoformat(), movie.movielens_id)
    return dict(zip(COLUMNS, (*values, movie.imdb_id, movie.tmdb_id), strict=True))


def _csv_line(values: tuple[Any, ...]) -> str:
    line = StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _safe(value: Any) -> Any:
    """A title that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
