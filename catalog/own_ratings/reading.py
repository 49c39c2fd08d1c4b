"""Reads ratings exported by Letterboxd, IMDb, MovieLens or this site. Knows nothing of the database."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from catalog.models.rating import EARLIEST, STARS
from catalog.own_ratings.errors import RatingsFileRejected
from catalog.own_ratings.unpacking import is_zip, unpacked_table
from movierec.converters import LARGEST_ID

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
LAST_YEAR = 9999
FIRST_IMDB_DIGITS = 7  # of an IMDb ID that is written as a bare number


@dataclass(frozen=True)
class Row:
    """A rating as the file has it."""

    title: str
    year: int | None
    stars: float
    rated_at: datetime | None
    imdb_id: str = ""
    movielens_id: int | None = None


def read_ratings(content: bytes) -> list[Row]:
    """The rated movies of a table or of the zip that holds it; lines without a rating are passed over.

    Raises RatingsFileRejected for what is too large, is no CSV of a known kind, or has a faulty line.
    """
    table = unpacked_table(content, most=MAX_BYTES) if is_zip(content) else content
    if len(table) > MAX_BYTES:
        raise RatingsFileRejected(_("The table of ratings is larger than 2 MB."))
    try:
        text = table.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RatingsFileRejected(_("The file is not UTF-8 text.")) from error
    try:
        return list(_rows(csv.DictReader(io.StringIO(text), strict=True)))
    except csv.Error as error:
        raise RatingsFileRejected(_("The file is not a CSV table.")) from error


def _rows(lines: "csv.DictReader[str]") -> Iterator[Row]:
    columns = {name.strip().lower(): name for name in lines.fieldnames or () if name}
    convert = next((read for needed, read in KINDS if needed <= columns.keys()), None)
    if convert is None:
        raise RatingsFileRejected(
            _("The file has none of the known headings. Choose a ratings.csv of one of these sites.")
        )
    for number, line in enumerate(lines, start=1):
        if number > MAX_ROWS:
            raise RatingsFileRejected(_("The table of ratings has more than 5,000 lines."))
        cells = {name: (line[column] or "").strip() for name, column in columns.items()}
        try:
            row = convert(cells)
        except (ValueError, OverflowError, OSError) as error:
            text = _("Line %(line)d cannot be read: %(fault)s") % {"line": lines.line_num, "fault": error}
            raise RatingsFileRejected(text) from error
        if row is not None:
            yield row


def _letterboxd(cells: dict[str, str]) -> Row | None:
    if not cells["rating"]:
        return None
    return Row(cells["name"], _year(cells["year"]), _stars(cells["rating"]), _date(cells.get("date", "")))


def _imdb(cells: dict[str, str]) -> Row | None:
    if not cells["your rating"]:
        return None
    stars = _stars(str(float(cells["your rating"]) / 2))
    rated_at = _date(cells.get("date rated", ""))
    return Row(cells.get("title", ""), _year(cells.get("year", "")), stars, rated_at, cells["const"])


def _movielens(cells: dict[str, str]) -> Row | None:
    """The columns of the data sets (movieId), of the MovieLens site (movie_id) and of our own export."""
    if not cells["rating"]:
        return None
    number = cells.get("movieid") or cells.get("movie_id") or cells.get("movielens_id") or ""
    title, year = cells.get("title", ""), _year(cells.get("year", ""))
    if match := re.fullmatch(r"(.*\S)\s*\((\d{4})\)", title):
        title, year = match[1], int(match[2])
    when = cells.get("timestamp") or cells.get("rated_at") or ""
    rated_at = _moment(datetime.fromtimestamp(int(when), UTC)) if when.isdecimal() else _date(when)
    imdb_id = _imdb_id(cells.get("imdb_id", ""))
    return Row(title, year, _stars(cells["rating"]), rated_at, imdb_id, _movielens_id(number))


KINDS: tuple[tuple[set[str], Callable[[dict[str, str]], Row | None]], ...] = (
    ({"name", "year", "letterboxd uri", "rating"}, _letterboxd),
    ({"const", "your rating"}, _imdb),
    ({"movieid", "rating"}, _movielens),
    ({"movie_id", "rating"}, _movielens),
    ({"title", "year", "rating", "rated_at"}, _movielens),
)


def _stars(text: str) -> float:
    value = float(text)
    if value not in STARS:
        raise ValueError(_("%(rating)s is not a number of half stars from 0.5 to 5") % {"rating": text})
    return value


def _movielens_id(text: str) -> int | None:
    if text and int(text) > LARGEST_ID:
        raise ValueError(_("%(number)s is no MovieLens number") % {"number": text})
    return int(text) if text else None


def _year(text: str) -> int | None:
    if text and not 0 <= int(text) <= LAST_YEAR:
        raise ValueError(_("%(year)s is no year") % {"year": text})
    return int(text) if text else None


def _date(text: str) -> datetime | None:
    """A day or a moment."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return _moment(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _moment(moment: datetime) -> datetime:
    """In UTC; one to come counts as now, as the trends of the next model are those of the latest rating."""
    moment = moment.astimezone(UTC)
    if moment < EARLIEST:
        raise ValueError(_("%(date)s is before 1970") % {"date": moment.date()})
    return min(moment, datetime.now(UTC))


def _imdb_id(text: str) -> str:
    return f"tt{text.zfill(FIRST_IMDB_DIGITS)}" if text.isdigit() else text
