"""Fields of MovieLens, one by one. No database."""

import pytest

from catalog.models import User
from catalog.movielens import fields
from catalog.movielens.errors import RowRejected


@pytest.mark.parametrize(
    ("raw", "title", "year"),
    [
        ("Toy Story (1995)", "Toy Story", 1995),
        ("From Dusk Till Dawn 2 (1999) ", "From Dusk Till Dawn 2", 1999),
        ("Babylon 5", "Babylon 5", None),
        ("Babylon 5 (1994-)", "Babylon 5", 1994),
        ("Death Note (2006–2007)", "Death Note", 2006),
        ("Land Before Time III (1995) (V)", "Land Before Time III", 1995),
        ("Associate, The (L'Associe)(1982)", "Associate, The (L'Associe)", 1982),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en)", 1995),
        ("1984", "1984", None),
        ("(1995)", "(1995)", None),
        ("From the Future (9999)", "From the Future (9999)", None),
    ],
)
def test_a_title_gives_up_its_year(raw: str, title: str, year: int | None):
    assert fields.parse_title(raw) == (title, year)


@pytest.mark.parametrize(
    ("raw", "year"),
    [
        ("1995", 1995),
        ("1995.0", 1995),  # release_year:float of an atomic file
        ("01-Jan-1995", 1995),
        ("1995.5", None),
        ("9999", None),
        ("", None),
    ],
)
def test_a_year_is_a_number_or_ends_a_date(raw: str, year: int | None):
    assert fields.parse_year(raw) == year


@pytest.mark.parametrize("raw", ["", "   ", "x" * 256, "a\x00b", "a\x92b", "a\udce9b"])
def test_a_title_that_cannot_be_stored_is_rejected(raw: str):
    with pytest.raises(RowRejected, match="title"):
        fields.parse_title(raw)


def test_a_title_of_blanks_a_mile_long_takes_no_time():
    with pytest.raises(RowRejected, match="65001 characters long"):
        fields.parse_title("x" + " " * 64_999 + "x")


@pytest.mark.parametrize(
    ("age", "group"), [("7", 1), ("17", 1), ("18", 18), ("24", 18), ("49", 45), ("73", 56)]
)
def test_an_age_falls_into_its_group(age: str, group: int):
    assert fields.parse_age(age) == group


@pytest.mark.parametrize("group", User.AgeGroup.values)
def test_an_age_group_of_1m_stays_what_it_is(group: int):
    assert fields.parse_age(str(group)) == group


@pytest.mark.parametrize("age", ["0", "121", "-3", "young", "1.5"])
def test_an_impossible_age_is_rejected(age: str):
    with pytest.raises(RowRejected, match="age"):
        fields.parse_age(age)


@pytest.mark.parametrize(("raw", "number"), [("technician", 17), ("none", 0), ("20", 20), ("", None)])
def test_an_occupation_is_a_word_or_a_number(raw: str, number: int | None):
    assert fields.parse_occupation(raw) == number


@pytest.mark.parametrize("raw", ["21", "wizard", "-1"])
def test_an_unknown_occupation_is_rejected(raw: str):
    with pytest.raises(RowRejected, match="occupation"):
        fields.parse_occupation(raw)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("9", "rating '9' is not between 0.5 and 5"),
        ("0", "rating '0' is not between 0.5 and 5"),
        ("-1", "rating '-1' is not between 0.5 and 5"),
        ("nan", "rating 'nan' is not between 0.5 and 5"),
        ("3.7", "rating '3.7' is not a number of half stars"),
        ("good", "rating 'good' is not a number"),
        ("", "rating '' is not a number"),
        ("٥", r"rating '\u0665' is not a number"),
    ],
)
def test_a_rating_that_is_no_half_stars_is_rejected(raw: str, problem: str):
    with pytest.raises(RowRejected) as rejected:
        fields.parse_stars(raw)
    assert str(rejected.value) == problem


@pytest.mark.parametrize("raw", ["4", "4.0", "4.00", "04", "4e0"])
def test_a_rating_may_be_written_in_any_way(raw: str):
    assert fields.parse_stars(raw) == 4.0


@pytest.mark.parametrize(
    "raw", ["-1", "1001", "978300760000", "9" * 400, "inf", "nan", "", "yesterday", "1e300"]
)
def test_a_time_before_1970_or_after_the_latest_is_rejected(raw: str):
    with pytest.raises(RowRejected, match="timestamp"):
        fields.parse_time(raw, latest=1000)


@pytest.mark.parametrize("raw", ["1000", "1000.0", "1e3", "1000.9"])
def test_a_time_may_be_written_as_a_fraction(raw: str):
    assert fields.parse_time(raw, latest=1000) == 1000


@pytest.mark.parametrize("raw", ["0", "-1", "1.0", "1_0", "٣", "x", "", "9" * 19, "9" * 30, "\udce9"])
def test_a_number_that_is_no_positive_whole_number_is_rejected(raw: str):
    with pytest.raises(RowRejected, match="user ID"):
        fields.parse_id(raw, "user ID")


def test_genres_are_kept_once_each_and_none_means_none():
    assert fields.parse_genres(["Drama", "War", "Drama", ""]) == ("Drama", "War")
    assert fields.parse_genres(["(no genres listed)"]) == ()
    assert fields.parse_genres(["unknown"]) == ()
    assert fields.parse_genres(["Children's", "Children"]) == ("Children's", "Children")


def test_an_imdb_number_becomes_an_imdb_id():
    assert fields.parse_imdb_id("0114709") == "tt0114709"
    assert fields.parse_imdb_id("114709") == "tt0114709"
    assert fields.parse_imdb_id("") == ""
