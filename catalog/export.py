"""Everything that the site keeps about a user, as files to take along.

Other apps add what they keep by `also_export`; the catalogue knows none of them.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder

from catalog.models import Influence, Mark, Movie, Rating, User
from catalog.models.watch_group import Invitation, Membership

Rows = list[dict[str, Any]]
Section = Callable[[User], Rows]

PROFILE = ("username", "email", "first_name", "last_name", "date_joined", "last_login", "movielens_id")
DEMOGRAPHICS = ("gender", "age_group", "occupation", "zip_code")
RATING_COLUMNS = ("title", "year", "rating", "rated_at", "movielens_id", "imdb_id", "tmdb_id")


def ratings_csv(user: User) -> Iterator[str]:
    """The user's ratings, oldest first, as lines of CSV with a head line."""
    yield _csv_line(RATING_COLUMNS)
    for rating in Rating.objects.of(user).select_related("movie").in_order().iterator(chunk_size=2000):
        yield _csv_line(tuple(_rating(rating).values()))


def everything(user: User) -> dict[str, Rows]:
    """All that is kept of `user`, by section; a fixed number of queries."""
    return {name: section(user) for name, section in SECTIONS.items()}


def everything_json(user: User) -> str:
    """One document: the account as an object, of the rest a list for each section."""
    sections = everything(user)
    document = sections | {"account": sections["account"][0]}
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def everything_zip(user: User) -> bytes:
    """A zip file with a CSV file for each section that is not empty."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, rows in everything(user).items():
            if rows:
                archive.writestr(f"{name}.csv", "".join(_csv(rows)))
    return content.getvalue()


def also_export(name: str, section: Section) -> None:
    """Make `section` part of every export; its rows all have the same keys."""
    SECTIONS[name] = section


def _account(user: User) -> Rows:
    return [{name: getattr(user, name) for name in (*PROFILE, *DEMOGRAPHICS)}]


def _ratings(user: User) -> Rows:
    ratings = Rating.objects.of(user).select_related("movie", "influence").in_order()
    return [_rating(rating) | {"counts": _weight(rating)} for rating in ratings]


def _weight(rating: Rating) -> float:
    return rating.influence.weight if hasattr(rating, "influence") else 1.0


def _rating(rating: Rating) -> dict[str, Any]:
    movie = _movie(rating.movie)
    given = {"rating": rating.stars, "rated_at": rating.rated_at.isoformat()}
    return {name: (movie | given)[name] for name in RATING_COLUMNS}


def _marked(kind: Mark.Kind) -> Section:
    def section(user: User) -> Rows:
        marks = Mark.objects.filter(user=user, kind=kind).select_related("movie").order_by("created_at", "pk")
        return [_movie(mark.movie) | {"since": mark.created_at.isoformat()} for mark in marks]

    return section


def _influences(user: User) -> Rows:
    influences = Influence.objects.filter(rating__user=user).select_related("rating__movie")
    return [
        _movie(influence.rating.movie)
        | {"weight": influence.weight, "since": influence.created_at.isoformat()}
        for influence in influences.order_by("created_at", "pk")
    ]


def _groups(user: User) -> Rows:
    memberships = Membership.objects.filter(user=user).select_related("group").order_by("joined_at", "pk")
    return [
        {
            "name": membership.group.name,
            "made_by_me": membership.group.owner_id == user.pk,
            "since": membership.joined_at.isoformat(),
            "rewatches": membership.rewatches,
        }
        for membership in memberships
    ]


def _invitations(user: User) -> Rows:
    waiting = Invitation.objects.waiting_for(user).values_list("group__name", "expires_at")
    return [{"group": name, "until": expires_at.isoformat()} for name, expires_at in waiting]


def _movie(movie: Movie) -> dict[str, Any]:
    names = ("title", "year", "movielens_id", "imdb_id", "tmdb_id")
    return {name: getattr(movie, name) for name in names}


def _csv(rows: Rows) -> Iterable[str]:
    yield _csv_line(tuple(rows[0]))
    for row in rows:
        yield _csv_line(tuple(row.values()))


def _csv_line(values: tuple[Any, ...]) -> str:
    line = StringIO()
    csv.writer(line).writerow([_safe(value) for value in values])
    return line.getvalue()


def _safe(value: Any) -> Any:
    """A title that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


SECTIONS: dict[str, Section] = {
    "account": _account,
    "ratings": _ratings,
    "watchlist": _marked(Mark.Kind.WATCHLIST),
    "hidden": _marked(Mark.Kind.HIDDEN),
    "unfinished": _marked(Mark.Kind.UNFINISHED),
    "ratings_that_count_less": _influences,
    "groups": _groups,
    "invitations": _invitations,
}
