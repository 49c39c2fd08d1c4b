"""Reads the fields of MovieLens: text in, checked value out, RowRejected with the field's name otherwise."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from catalog.models import User
from catalog.models.rating import STARS
from catalog.movielens.errors import RowRejected

MAX_ID = 2**63 - 1
MAX_TITLE = 255  # characters, as in the database; so are the next two
MAX_GENRE = 60
MAX_ZIP_CODE = 10
IMDB_DIGITS = 10
YEARS = range(1870, 2201)
NO_GENRE = frozenset({"", "(no genres listed)", "unknown"})
AGES = sorted(User.AgeGroup.values)
OLDEST = 120
# "Toy Story (1995)", "Babylon 5 (1994-)", "Death Note (2006–2007)"; IMDb's "(V)" or "(TV)" may follow
YEAR_AT_END = re.compile(
    r"\s*\((\d{4})(?:\s*[-–—]\s*(?:\d{4})?)?\s*\)\s*(?:\((?:V|TV|VG|I+)\)\s*)?$", re.ASCII
)
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

STARS_BY_TEXT = {text: stars for stars in STARS for text in {f"{stars:g}", f"{stars:.1f}"}}

OCCUPATIONS = {  # the words of MovieLens 100K
    "administrator": User.Occupation.CLERICAL,
    "artist": User.Occupation.ARTIST,
    "doctor": User.Occupation.HEALTH_CARE,
    "educator": User.Occupation.EDUCATOR,
    "engineer": User.Occupation.ENGINEER,
    "entertainment": User.Occupation.ARTIST,
    "executive": User.Occupation.EXECUTIVE,
    "healthcare": User.Occupation.HEALTH_CARE,
    "homemaker": User.Occupation.HOMEMAKER,
    "lawyer": User.Occupation.LAWYER,
    "librarian": User.Occupation.EDUCATOR,
    "marketing": User.Occupation.SALES,
    "none": User.Occupation.OTHER,
    "other": User.Occupation.OTHER,
    "programmer": User.Occupation.PROGRAMMER,
    "retired": User.Occupation.RETIRED,
    "salesman": User.Occupation.SALES,
    "scientist": User.Occupation.SCIENTIST,
    "student": User.Occupation.STUDENT,
    "technician": User.Occupation.ENGINEER,
    "writer": User.Occupation.WRITER,
}


def shown(raw: str) -> str:
    """`raw` as it stands in a message: quoted, escaped, shortened."""
    return ascii(raw if len(raw) <= 40 else f"{raw[:37]}...")


def parse_whole(raw: str, field: str) -> int:
    text = raw.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        raise RowRejected(f"{field} {shown(raw)} is not a whole number")
    return int(text)


def parse_id(raw: str, field: str) -> int:
    number = parse_whole(raw, field)
    if not 1 <= number <= MAX_ID:
        raise RowRejected(f"{field} {shown(raw)} is not between 1 and {MAX_ID}")
    return number


def parse_stars(raw: str) -> float:
    """Stars in half stars from 0.5 to 5."""
    if raw in STARS_BY_TEXT:
        return STARS_BY_TEXT[raw]
    try:
        stars = float(raw.encode("ascii"))
    except ValueError:
        raise RowRejected(f"rating {shown(raw)} is not a number") from None
    if not STARS[0] <= stars <= STARS[-1]:
        raise RowRejected(f"rating {shown(raw)} is not between 0.5 and 5")
    if stars not in STARS:
        raise RowRejected(f"rating {shown(raw)} is not a number of half stars")
    return stars


def parse_time(raw: str, latest: int) -> int:
    """Seconds since 1970, at most `latest`."""
    if raw.isdecimal() and raw.isascii() and len(raw) < 19:
        seconds = int(raw)
    else:
        seconds = parse_fractional_seconds(raw)
    if not 0 <= seconds <= latest:
        raise RowRejected(f"timestamp {shown(raw)} is not between 1970 and now (seconds since 1970)")
    return seconds


def parse_fractional_seconds(raw: str) -> int:
    """Whole seconds of "881250949.0" or "8.81250949e8", as atomic files may hold them."""
    try:
        return int(float(raw.encode("ascii")))
    except (ValueError, OverflowError):
        raise RowRejected(f"timestamp {shown(raw)} is not a number of seconds") from None


def parse_text(raw: str, field: str) -> str:
    """`raw` without blanks around it; it must be proper text of one line."""
    if found := CONTROLS.search(raw):
        code = ord(found[0])
        byte = code - 0xDC00 if code >= 0xD800 else code
        raise RowRejected(
            f"{field} {shown(raw)} holds the byte 0x{byte:02x}, which is not text in this encoding"
        )
    return raw.strip()


def parse_title(raw: str) -> tuple[str, int | None]:
    """Title and year of release of "Toy Story (1995)"; None where no plausible year ends the title."""
    title, year = parse_text(raw, "title"), None
    match = YEAR_AT_END.search(title) if len(title) < 2 * MAX_TITLE else None
    if match and match.start() and int(match[1]) in YEARS:
        title, year = title[: match.start()], int(match[1])
    if not title:
        raise RowRejected("title is empty")
    if len(title) > MAX_TITLE:
        raise RowRejected(f"title {shown(title)} is {len(title)} characters long, more than {MAX_TITLE}")
    return title, year


def parse_year(raw: str) -> int | None:
    """The year in "1995", "1995.0" or "01-Jan-1995"; None where there is no plausible one."""
    match = re.search(r"(\d{4})(?:\.0+)?$", raw.strip(), re.ASCII)
    return int(match[1]) if match and int(match[1]) in YEARS else None


def parse_genres(names: Iterable[str]) -> tuple[str, ...]:
    """The genres in their order, each once."""
    genres = dict.fromkeys(parse_text(name, "genre") for name in names)
    longest = max(map(len, genres), default=0)
    if longest > MAX_GENRE:
        raise RowRejected(f"genre is {longest} characters long, more than {MAX_GENRE}")
    return tuple(name for name in genres if name not in NO_GENRE)


def parse_gender(raw: str) -> str:
    if raw not in ("", *User.Gender.values):
        raise RowRejected(f"gender {shown(raw)} is none of {', '.join(User.Gender.values)}")
    return raw


def parse_age(raw: str) -> int | None:
    """The group of an age; the groups of MovieLens 1M, named by their lowest age, stay what they are."""
    if not raw:
        return None
    age = parse_whole(raw, "age")
    if not 1 <= age <= OLDEST:
        raise RowRejected(f"age {shown(raw)} is not between 1 and {OLDEST}")
    return AGES[bisect_right(AGES, age) - 1]


def parse_occupation(raw: str) -> int | None:
    """The number of an occupation given as number (1M) or word (100K)."""
    if not raw:
        return None
    if raw in OCCUPATIONS:
        return int(OCCUPATIONS[raw])
    if raw.isascii() and raw.isdecimal() and len(raw) < 4 and int(raw) in User.Occupation.values:
        return int(raw)
    raise RowRejected(f"occupation {shown(raw)} is not known")


def parse_zip_code(raw: str) -> str:
    text = parse_text(raw, "ZIP code")
    if len(text) > MAX_ZIP_CODE:
        raise RowRejected(f"ZIP code {shown(raw)} is longer than {MAX_ZIP_CODE} characters")
    return text


def parse_imdb_id(raw: str) -> str:
    """ "tt0114709" for "0114709"."""
    if not raw:
        return ""
    digits = raw.removeprefix("tt")
    if len(digits) > IMDB_DIGITS:
        raise RowRejected(f"IMDb ID {shown(raw)} has more than {IMDB_DIGITS} digits")
    return f"tt{parse_id(digits, 'IMDb ID'):07d}"


def parse_tmdb_id(raw: str) -> int | None:
    return parse_id(raw, "TMDB ID") if raw else None
