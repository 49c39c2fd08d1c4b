"""Sets a title on a poster: breaks it into lines and finds the largest size that fits.

Widths come from the typeface's own advance widths, and each line carries its width as
`textLength`, so a title never runs over, whatever typeface the reader's machine puts in.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

ADVANCES: dict[str, list[int]] = json.loads((Path(__file__).parent / "advances.json").read_text())
UNKNOWN_ADVANCE = 620  # of 1000 units; letters outside ASCII that have no plain form
MOST_LINES = 5
SMALLEST, LARGEST = 9.0, 58.0  # font sizes in units of the sheet
MOST_LETTERS = 70


@dataclass(frozen=True)
class Style:
    """A cut of the typeface, named as in advances.json and in the style sheet."""

    cut: str
    capitals: bool
    leading: float  # distance of base lines, in font sizes
    stretch: bool  # each line fills the width


@dataclass(frozen=True)
class Line:
    text: str
    size: float
    width: float


STYLES = (
    Style("condensed", capitals=True, leading=0.86, stretch=False),
    Style("condensed", capitals=True, leading=0.84, stretch=True),
    Style("plain", capitals=False, leading=1.0, stretch=False),
    Style("wide", capitals=True, leading=0.98, stretch=False),
)


def set_title(title: str, style: Style, *, width: float, height: float) -> list[Line]:
    """The lines of `title` as large as they fit into `width` × `height`; a very long title is cut short."""
    words = shorten(title.upper() if style.capitals else title).split() or ["·"]
    return max((_fit(lines, style, width, height) for lines in _breaks(words)), key=_worth)


def shorten(title: str) -> str:
    return title if len(title) <= MOST_LETTERS else title[: MOST_LETTERS - 1].rsplit(" ", 1)[0] + "…"


def text_width(text: str, cut: str) -> float:
    """Width of `text` at font size 1."""
    return sum(_advance(letter, ADVANCES[cut]) for letter in text) / 1000


def _advance(letter: str, advances: list[int]) -> int:
    plain = unicodedata.normalize("NFKD", letter)[0]
    return advances[ord(plain) - 32] if " " <= plain <= "~" else UNKNOWN_ADVANCE


def _breaks(words: list[str]) -> Iterator[list[str]]:
    """Every way to write `words` on up to MOST_LINES lines."""
    for number_of_breaks in range(min(len(words), MOST_LINES)):
        for places in combinations(range(1, len(words)), number_of_breaks):
            edges = [0, *places, len(words)]
            yield [" ".join(words[a:b]) for a, b in pairwise(edges)]


def _fit(lines: list[str], style: Style, width: float, height: float) -> list[Line]:
    widths = [text_width(line, style.cut) for line in lines]
    even = min(LARGEST, width / max(widths))
    sizes = [min(LARGEST, width / w, 2.4 * even) if style.stretch else even for w in widths]
    shrink = min(1.0, height / (style.leading * sum(sizes)))
    return [
        Line(line, size * shrink, w * size * shrink)
        for line, size, w in zip(lines, sizes, widths, strict=True)
    ]


def _worth(lines: list[Line]) -> float:
    """Larger is better: the area of the letters, with the smallest line counted most."""
    return min(line.size for line in lines) ** 2 * sum(line.size * line.width for line in lines)
