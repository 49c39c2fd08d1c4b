"""Titles as people say them."""

import pytest

from catalog.titles import parted_title, parts_for, spoken_title


@pytest.mark.parametrize(
    ("stored", "spoken"),
    [
        ("Matrix, The", "The Matrix"),
        ("Avventura, L'", "L'Avventura"),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        (
            "City of Lost Children, The (Cité des enfants perdus, La)",
            "The City of Lost Children (La Cité des enfants perdus)",
        ),
        ("Seven (a.k.a. Se7en)", "Seven (a.k.a. Se7en)"),
        ("Alien", "Alien"),
        ("(500) Days of Summer", "(500) Days of Summer"),
        ("(Untitled)", "(Untitled)"),
        ("I, Tonya", "I, Tonya"),
        ("", ""),
    ],
)
def test_the_article_comes_first(stored: str, spoken: str) -> None:
    assert spoken_title(stored) == spoken


def test_another_title_is_parted_from_the_first() -> None:
    assert parted_title("Ran (Chaos, Das)") == ("Ran", "Das Chaos")


@pytest.mark.parametrize(
    ("title", "german"),
    [
        ("Tin Drum, The (Blechtrommel, Die)", ("Die Blechtrommel", "The Tin Drum")),
        ("Wings of Desire (Himmel über Berlin, Der)", ("Der Himmel über Berlin", "Wings of Desire")),
        ("Boot, Das (Boat, The)", ("Das Boot", "The Boat")),
        ("Amelie (Fabuleux destin d'Amélie Poulain, Le)", ("Amelie", "Le Fabuleux destin d'Amélie Poulain")),
        ("Die Hard", ("Die Hard", "")),
    ],
)
def test_german_readers_read_the_german_title_first(title: str, german: tuple[str, str]) -> None:
    assert parts_for("de", title) == german
    assert parts_for("en", title) == parted_title(title)
