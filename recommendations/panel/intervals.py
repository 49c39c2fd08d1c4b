"""Estimates with their intervals as SVG text, one above the other on one scale."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, ROW, TOP, BOTTOM = 380, 28, 4, 20
LEFT, RIGHT = 96, 64
DOT = 5

Row = tuple[str, Mapping[str, Any]]  # name; value, low and high


def interval_chart(label: str, rows: Sequence[Row], *, percent: bool = False) -> SafeString:
    """A dot at each estimate and a line over its interval; nothing where no row has one."""
    known = [(place, name, found) for place, (name, found) in enumerate(rows) if found["value"] is not None]
    if not known:
        return SafeString("")
    ends = [found[end] for _place, _name, found in known for end in ("value", "low", "high")]
    ends = [end for end in ends if end is not None]
    low, high = min(ends), max(ends)
    height = TOP + ROW * len(rows) + BOTTOM

    def x(value: float) -> float:
        return round(LEFT + (value - low) / ((high - low) or 1.0) * (WIDTH - LEFT - RIGHT), 1)

    drawn = format_html_join(
        "",
        '<g class="series-{}"><line class="line" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<circle class="bar" cx="{}" cy="{}" r="{}"/></g>'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                place,
                x(found["low"] if found["low"] is not None else found["value"]),
                x(found["high"] if found["high"] is not None else found["value"]),
                _middle(place),
                _middle(place),
                x(found["value"]),
                _middle(place),
                DOT,
                _middle(place) + 4,
                name,
                WIDTH,
                _middle(place) + 4,
                shown(found["value"], percent=percent),
            )
            for place, name, found in known
        ),
    )
    scale = format_html_join(
        "",
        '<line class="grid" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        '<text x="{0}" y="{3}" text-anchor="middle">{4}</text>',
        ((x(v), TOP, height - BOTTOM, height - 6, shown(v, percent=percent)) for v in sorted({low, high})),
    )
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg></figure>',
        label,
        WIDTH,
        height,
        f"{label}: {'; '.join(f'{name} {with_interval(found, percent=percent)}' for name, found in rows)}",
        scale,
        drawn,
    )


def shown(value: float | None, *, percent: bool = False, signed: bool = False) -> str:
    if value is None:
        return "–"
    sign = "+" if signed else ""
    return f"{100 * value:{sign}.1f}\u00a0%" if percent else f"{value:{sign}.2f}"


def with_interval(found: Mapping[str, Any], *, percent: bool = False, signed: bool = False) -> str:
    """ "2.1 % (1.7 % to 2.5 %)", as words."""
    value, low, high = (shown(found[end], percent=percent, signed=signed) for end in ("value", "low", "high"))
    return value if found["low"] is None else f"{value} ({low} … {high})"


def _middle(place: int) -> float:
    return TOP + ROW * (place + 0.5)
