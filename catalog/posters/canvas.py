"""A sheet of 200 × 300 units on which flat shapes are put one over the other, as SVG."""

from collections.abc import Iterable
from math import cos, radians, sin

WIDTH, HEIGHT = 200, 300
Point = tuple[float, float]


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def polar(centre: Point, radius: float, degrees: float) -> Point:
    """The point at `radius` from `centre`; 0 degrees is to the right, 90 is down."""
    angle = radians(degrees)
    return centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)


class Canvas:
    def __init__(self) -> None:
        self.shapes: list[str] = []

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, round_by: float = 0
    ) -> None:
        corner = f' rx="{number(round_by)}"' if round_by else ""
        size = f'width="{number(width)}" height="{number(height)}"'
        self.shapes.append(f'<rect x="{number(x)}" y="{number(y)}" {size}{corner} fill="{fill}"/>')

    def disc(self, centre: Point, radius: float, fill: str) -> None:
        x, y = centre
        self.shapes.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"/>')

    def ring(self, centre: Point, radius: float, width: float, stroke: str) -> None:
        x, y = centre
        self.shapes.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" '
            f'fill="none" stroke="{stroke}" stroke-width="{number(width)}"/>'
        )

    def polygon(self, points: Iterable[Point], fill: str) -> None:
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.shapes.append(f'<polygon points="{corners}" fill="{fill}"/>')

    def line(self, points: Iterable[Point], width: float, stroke: str) -> None:
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.shapes.append(
            f'<polyline points="{corners}" fill="none" stroke="{stroke}" stroke-width="{number(width)}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def path(self, steps: str, fill: str) -> None:
        self.shapes.append(f'<path d="{steps}" fill="{fill}"/>')

    def curve(self, steps: str, width: float, stroke: str) -> None:
        self.shapes.append(
            f'<path d="{steps}" fill="none" stroke="{stroke}" stroke-width="{number(width)}" '
            'stroke-linecap="round"/>'
        )

    def ellipse(self, centre: Point, radii: Point, degrees: float, fill: str) -> None:
        x, y = map(number, centre)
        self.shapes.append(
            f'<ellipse cx="{x}" cy="{y}" rx="{number(radii[0])}" ry="{number(radii[1])}" '
            f'transform="rotate({number(degrees)} {x} {y})" fill="{fill}"/>'
        )

    def orbit(self, centre: Point, radii: Point, degrees: float, width: float, stroke: str) -> None:
        x, y = map(number, centre)
        self.shapes.append(
            f'<ellipse cx="{x}" cy="{y}" rx="{number(radii[0])}" ry="{number(radii[1])}" '
            f'transform="rotate({number(degrees)} {x} {y})" '
            f'fill="none" stroke="{stroke}" stroke-width="{number(width)}"/>'
        )

    def half_disc(self, centre: Point, radius: float, degrees: float, fill: str) -> None:
        """Half a disc that bulges towards `degrees`."""
        start, end = polar(centre, radius, degrees - 90), polar(centre, radius, degrees + 90)
        r = number(radius)
        self.path(
            f"M{number(start[0])} {number(start[1])}A{r} {r} 0 0 1 {number(end[0])} {number(end[1])}Z", fill
        )

    def quarter_disc(self, corner: Point, radius: float, degrees: float, fill: str) -> None:
        """A quarter of a disc with its right angle at `corner`, opening clockwise from `degrees`."""
        start, end = polar(corner, radius, degrees), polar(corner, radius, degrees + 90)
        r = number(radius)
        self.path(
            f"M{number(corner[0])} {number(corner[1])}L{number(start[0])} {number(start[1])}"
            f"A{r} {r} 0 0 1 {number(end[0])} {number(end[1])}Z",
            fill,
        )
