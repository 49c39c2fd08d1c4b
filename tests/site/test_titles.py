"""Titles as people say them."""

import pytest

from catalog.titles import parted_title, spoken_title


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
