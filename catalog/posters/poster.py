"""Draws a poster: chooses palette, scene and lettering, always the same for the same movie."""

import hashlib
import re
from dataclasses import replace
from functools import lru_cache
from html import escape
from random import Random

from catalog.posters.canvas import HEIGHT, WIDTH, Canvas, number
from catalog.posters.lettering import STYLES, Line, Style, set_title
from catalog.posters.palette import OTHER_PALETTES, PALETTES, Palette
from catalog.posters.scenes import OTHER_SCENES, SCENES
from catalog.posters.scenes.spot import Spot

# The genre that gives the poster its look is the most telling one, not the first.
TELLING = (
    "Film-Noir",
    "Western",
    "Musical",
    "Animation",
    "Documentary",
    "Horror",
    "War",
    "Sci-Fi",
    "Fantasy",
    "Mystery",
    "Children",
    "Children's",
    "Romance",
    "Crime",
    "Adventure",
    "Thriller",
    "Action",
    "Comedy",
    "Drama",
)
MARGIN = 14
SUBTITLE = Style("plain", capitals=False, leading=1.06, stretch=False)


@lru_cache(maxsize=4096)
def draw_poster(title: str, year: int | None, genres: tuple[str, ...]) -> str:
    """The contents of an `<svg viewBox="0 0 200 300">`: flat shapes and text, without IDs or styles."""
    dice = Random(hashlib.sha256(f"{title}|{year}".encode()).digest())
    genre = telling_genre(genres, dice)
    colours = shuffled(dice.choice(PALETTES.get(genre, OTHER_PALETTES)), dice)
    canvas = Canvas()
    canvas.rect(0, 0, WIDTH, HEIGHT, colours.ground)
    spot = dice.choice(SCENES.get(genre, OTHER_SCENES))(canvas, colours, dice)
    return "".join(canvas.shapes) + _lettering(title, year, spot, colours, dice)


def telling_genre(genres: tuple[str, ...], dice: Random) -> str:
    """One of the two genres that say most about how a movie looks, mostly the first; "" without any."""
    known = sorted(set(genres).intersection(TELLING), key=TELLING.index)
    if len(known) > 1 and dice.random() < 0.3:
        return known[1]
    return known[0] if known else ""


def shuffled(colours: Palette, dice: Random) -> Palette:
    """The same palette with its three colours in another order."""
    first, second, third = dice.sample((colours.first, colours.second, colours.third), 3)
    return replace(colours, first=first, second=second, third=third)


def _lettering(title: str, year: int | None, spot: Spot, colours: Palette, dice: Random) -> str:
    head, tail = split_title(title)
    style = dice.choice(STYLES)
    top, bottom = spot.value
    year_height = 15 if year else 0
    tail_lines = set_title(tail, SUBTITLE, width=WIDTH - 2 * MARGIN, height=22) if tail else []
    tail_lines = [Line(line.text, *_capped(line)) for line in tail_lines]
    tail_height = sum(line.size * SUBTITLE.leading for line in tail_lines) + (4 if tail_lines else 0)
    room = bottom - top - year_height - tail_height
    head_lines = set_title(head, style, width=WIDTH - 2 * MARGIN, height=room)
    height = sum(line.size * style.leading for line in head_lines) + tail_height + year_height
    y = float(top) if spot is Spot.TOP else bottom - height
    parts = []
    for line in head_lines:
        y += line.size * style.leading
        parts.append(_text(line, y - line.size * (style.leading - 0.7), style.cut, colours.ink))
    y += 4 if tail_lines else 0
    for line in tail_lines:
        y += line.size * SUBTITLE.leading
        parts.append(_text(line, y - line.size * 0.3, SUBTITLE.cut, colours.ink))
    if year:
        parts.append(
            f'<text class="poster-year" x="{MARGIN}" y="{number(y + 14)}" font-size="11" '
            f'fill="{colours.ink}">{year}</text>'
        )
    return "".join(parts)


def _capped(line: Line) -> tuple[float, float]:
    size = min(line.size, 12.0)
    return size, line.width * size / line.size


def split_title(title: str) -> tuple[str, str]:
    """A title without what is in brackets, parted at a colon or dash: ("Star Wars", "Episode IV")."""
    plain = re.sub(r"\s*\([^)]*\)", "", title).strip() or title
    head, _, tail = plain.partition(": ")
    if not tail:
        head, _, tail = plain.partition(" - ")
    tail = tail.replace(" - ", ": ")
    parted = tail.strip() and len(head) > 2 and len(plain) > 22
    return (head, tail.strip()) if parted else (plain, "")


def _text(line: Line, y: float, cut: str, fill: str) -> str:
    return (
        f'<text class="poster-{cut}" x="{MARGIN}" y="{number(y)}" font-size="{number(line.size)}" '
        f'textLength="{number(line.width)}" lengthAdjust="spacingAndGlyphs" fill="{fill}">'
        f"{escape(line.text)}</text>"
    )
