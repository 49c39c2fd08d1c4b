"""Poster stand-ins: the same for the same movie, legible, and safe to put into a page."""

from xml.etree import ElementTree

import pytest

from catalog.posters import draw_poster
from catalog.posters.lettering import STYLES, set_title
from catalog.posters.palette import OTHER_PALETTES, PALETTES, Palette
from catalog.posters.poster import split_title
from catalog.posters.scenes import SCENES

TITLES = (
    "Alien",
    "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb",
    "Ψ",
    "M",
    "1+1=<3 & more",
)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", {p for group in PALETTES.values() for p in group} | set(OTHER_PALETTES))
def test_the_title_is_legible_on_its_ground(palette: Palette) -> None:
    assert contrast(palette.ink, palette.ground) >= 4.5


def test_the_same_movie_has_the_same_poster_in_every_process() -> None:
    draw_poster.cache_clear()
    first = draw_poster("Alien", 1979, ("Horror", "Sci-Fi"))
    draw_poster.cache_clear()
    assert draw_poster("Alien", 1979, ("Horror", "Sci-Fi")) == first


def test_movies_of_one_genre_look_different() -> None:
    posters = {draw_poster(f"Movie {n}", 1990, ("Drama",)) for n in range(20)}
    assert len(posters) == 20


@pytest.mark.parametrize("genre", [*SCENES, "A genre of one's own"])
@pytest.mark.parametrize("title", TITLES)
def test_a_poster_is_well_formed_without_ids_styles_or_scripts(genre: str, title: str) -> None:
    for year in (None, 1921, 1999, 2024):
        drawing = f"<svg>{draw_poster(title, year, (genre,))}</svg>"
        svg = ElementTree.fromstring(drawing)  # noqa: S314
        attributes = {name for element in svg.iter() for name in element.attrib}
        assert {element.tag for element in svg.iter()} <= {
            *("svg", "rect", "circle", "ellipse", "path", "polygon", "polyline", "text")
        }
        assert not attributes & {"id", "style", "href", "onload"}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("title", TITLES)
def test_a_title_stays_within_its_box(style: object, title: str) -> None:
    lines = set_title(title, style, width=172, height=70)
    assert max(line.width for line in lines) <= 172.01
    assert sum(line.size * style.leading for line in lines) <= 70.01


def test_the_part_after_a_colon_becomes_the_subtitle() -> None:
    assert split_title("Star Wars: Episode IV - A New Hope") == ("Star Wars", "Episode IV: A New Hope")


def test_another_title_in_brackets_is_left_out() -> None:
    assert split_title("Seven (a.k.a. Se7en)") == ("Seven", "")
