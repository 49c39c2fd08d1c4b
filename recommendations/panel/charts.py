"""Charts as SVG text: no script, no style attribute, colours from the panel's style sheet by class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 600, 170
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 22
COLOURS = 4  # classes series-0 to series-3 of static/css/panel.css


@dataclass(frozen=True)
class Frame:
    """From values to places in the picture."""

    low: float
    high: float
    first: float
    last: float

    def x(self, value: float) -> float:
        share = (value - self.first) / (self.last - self.first or 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low or 1.0)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def line_chart(
    label: str, series: Mapping[str, Sequence[tuple[float, float]]], *, unit: str = ""
) -> SafeString:
    """Lines through the points (x, y) of each series; nothing where there are fewer than two points."""
    points = [point for line in series.values() for point in line]
    if len(points) < 2:
        return SafeString("")
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    frame = Frame(min(ys), max(ys), min(xs), max(xs))
    lines = format_html_join(
        "",
        '<polyline class="line series-{}" points="{}"/>',
        (
            (place % COLOURS, " ".join(f"{frame.x(x)},{frame.y(y)}" for x, y in line))
            for place, line in enumerate(series.values())
        ),
    )
    ends = _x_labels([shown(frame.first), f"{shown(frame.last)} {unit}".strip()])
    return _picture(label, _y_labels(frame) + lines + ends, list(series))


def bar_chart(label: str, bars: Sequence[tuple[str, Mapping[str, float]]]) -> SafeString:
    """One bar for each (name, values by series), the values piled up; nothing where all are 0."""
    highest = max((sum(values.values()) for _name, values in bars), default=0)
    if not highest:
        return SafeString("")
    names = list(dict.fromkeys(name for _bar, values in bars for name in values))
    frame = Frame(0, highest, 0, len(bars))
    width = round((WIDTH - LEFT - RIGHT) / len(bars) * 0.8, 1)
    boxes = []
    for place, (bar, values) in enumerate(bars):
        base = 0.0
        for name, value in values.items():
            top = frame.y(base + value)
            height = round(frame.y(base) - top, 1)
            series = names.index(name) % COLOURS
            boxes.append((series, frame.x(place + 0.1), top, width, height, bar, name, shown(value)))
            base += value
    drawn = format_html_join(
        "",
        '<rect class="bar series-{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {} {}</title></rect>',
        boxes,
    )
    ends = _x_labels([bars[0][0], bars[-1][0]] if len(bars) > 1 else [bars[0][0]])
    return _picture(label, _y_labels(frame) + drawn + ends, names)


def shown(value: float) -> str:
    """A number as short as it can be read."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _y_labels(frame: Frame) -> SafeString:
    values = [frame.low, (frame.low + frame.high) / 2, frame.high]
    return format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        ((LEFT, WIDTH - RIGHT, frame.y(v), frame.y(v), LEFT - 6, frame.y(v) + 4, shown(v)) for v in values),
    )


def _x_labels(ends: Sequence[str]) -> SafeString:
    places = [(LEFT, "start"), (WIDTH - RIGHT, "end")]
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        ((x, HEIGHT - 6, anchor, text) for (x, anchor), text in zip(places, ends, strict=False)),
    )


def _picture(label: str, inside: SafeString, names: Sequence[str]) -> SafeString:
    legend = format_html_join(
        "",
        '<li class="series-{}">{}</li>',
        ((place % COLOURS, name) for place, name in enumerate(names) if name),
    )
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>{}</figure>',
        label,
        WIDTH,
        HEIGHT,
        label,
        inside,
        format_html("<ul>{}</ul>", legend) if legend else "",
    )
