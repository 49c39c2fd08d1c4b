"""From places on a plane to those in a picture, and labels that do not cover one another.

Knows neither movies nor models. All measures are units of the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, MARGIN = 100.0, 84.0, 4.0
LETTER, LINE = 2.3, 4.5  # width of a letter and height of a line on a phone, where they are largest
STEPS = (0, 1, -1, 2, -2)  # lines by which a label may be moved to be legible

Places = NDArray[np.float32]  # [n, 2]


@dataclass(frozen=True)
class Label:
    text: str
    x: float  # of its middle
    y: float


def in_picture(places: Places, shown: Places) -> Places:
    """`places` in a picture that all of `shown` fit into; both axes have one scale, the second points up."""
    low, high = shown.min(axis=0), shown.max(axis=0)
    room = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    scale = float((room / np.maximum(high - low, 1e-6)).min())
    middle = np.array([WIDTH, HEIGHT]) / 2
    drawn = middle + (places - (low + high) / 2) * scale * np.array([1.0, -1.0])
    return np.clip(drawn, 0, [WIDTH, HEIGHT]).astype(np.float32)


def placed_labels(wanted: Sequence[tuple[str, float, float]]) -> list[Label]:
    """Labels around these places, moved by some lines or left out where an earlier one stands."""
    labels: list[Label] = []
    for text, x, y in wanted:
        half = LETTER * len(text) / 2
        x = min(max(x, half), WIDTH - half)
        tried = (Label(text, x, y + step * LINE) for step in STEPS)
        labels += [label for label in tried if _is_free(label, labels)][:1]
    return labels


def _is_free(label: Label, others: Sequence[Label]) -> bool:
    inside = LINE <= label.y <= HEIGHT - LINE / 2
    return inside and all(
        abs(label.y - other.y) >= LINE
        or abs(label.x - other.x) >= LETTER * (len(label.text) + len(other.text)) / 2
        for other in others
    )
