"""Scenes of plain geometry."""

from math import sin
from random import Random

from catalog.posters.canvas import HEIGHT, WIDTH, Canvas, polar
from catalog.posters.palette import Palette
from catalog.posters.scenes.spot import Spot


def burst(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Rays from a point, a disc upon it."""
    centre = (dice.uniform(60, 140), dice.uniform(90, 120))
    rays = dice.choice((9, 11, 13))
    turn = dice.uniform(0, 360)
    for ray in range(rays):
        angle = turn + ray * 360 / rays
        fill = colours.first if ray % 2 else colours.third
        canvas.polygon((centre, polar(centre, 320, angle), polar(centre, 320, angle + 180 / rays)), fill)
    canvas.disc(centre, dice.uniform(34, 46), colours.second)
    canvas.disc(centre, dice.uniform(12, 20), colours.ink)
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    return Spot.BOTTOM


def speed(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Slanting bands of different widths."""
    slant = dice.choice((-70, 70))
    x = -80.0
    fills = [colours.first, colours.second, colours.ground, colours.third, colours.ground]
    while x < WIDTH + 80:
        width = dice.uniform(8, 34)
        canvas.polygon(
            ((x, 0), (x + width, 0), (x + width + slant, 196), (x + slant, 196)), dice.choice(fills)
        )
        x += width
    centre = (100 + dice.uniform(-25, 25), dice.uniform(80, 120))
    canvas.disc(centre, 44, colours.ground)
    canvas.disc(centre, 36, colours.first)
    canvas.disc((centre[0] + slant / 8, centre[1] - 6), 20, colours.ink)
    return Spot.BOTTOM


def chevrons(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Arrow heads over one another."""
    fills = (colours.first, colours.second, colours.third, colours.ink)
    first = dice.randrange(4)
    for step in range(6):
        y = 112 + step * 34
        fill = fills[(first + step) % 4] if step < 5 else colours.third
        canvas.polygon(
            ((0, y + 62), (100, y - 10), (200, y + 62), (200, y + 90), (100, y + 18), (0, y + 90)), fill
        )
    return Spot.TOP


def tiles(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A floor of quarter discs."""
    fills = (colours.first, colours.second, colours.third, colours.ink)
    for row in range(4):
        for column in range(4):
            x, y = column * 50, row * 50
            ground, figure = dice.sample(fills, 2)
            if dice.random() < 0.8:
                canvas.rect(x, y, 50, 50, ground)
            if dice.random() < 0.2:
                canvas.disc((x + 25, y + 25), 17, figure)
                continue
            quarter = dice.randrange(4)
            corner = ((x, y), (x + 50, y), (x + 50, y + 50), (x, y + 50))[quarter]
            canvas.quarter_disc(corner, 50, quarter * 90, figure)
    return Spot.BOTTOM


def target(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Rings, with hair lines."""
    centre = (dice.choice((50, 100, 150)), dice.uniform(204, 216))
    for radius, fill in (
        (92, colours.third),
        (74, colours.ground),
        (56, colours.second),
        (36, colours.first),
    ):
        canvas.disc(centre, radius, fill)
    canvas.disc(centre, 9, colours.ink)
    canvas.rect(0, centre[1] - 0.8, WIDTH, 1.6, colours.ink)
    canvas.rect(centre[0] - 0.8, 112, 1.6, HEIGHT, colours.ink)
    return Spot.TOP


def halftone(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A grid of dots that swell like a wave."""
    phase, lean = dice.uniform(0, 6), dice.uniform(0.3, 0.9)
    fills = (colours.first, colours.second)
    for row in range(12):
        for column in range(12):
            swell = (sin(phase + column * 0.45 + row * lean) + 1) / 2
            canvas.disc((column * 18 + 1, 8 + row * 16.4), 1.6 + 6.8 * swell, fills[swell > 0.72])
    return Spot.BOTTOM


def aperture(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """The blades of a lens."""
    centre, blades, turn = (100, 105), 7, dice.uniform(0, 50)
    canvas.disc(centre, 84, colours.first)
    for blade in range(blades):
        angle = turn + blade * 360 / blades
        tip = polar(centre, 84, angle)
        canvas.line((tip, polar(centre, 34, angle + 74)), 2.2, colours.ground)
    canvas.polygon((polar(centre, 38, turn + 48 + b * 360 / blades) for b in range(blades)), colours.ground)
    canvas.disc(centre, 20, colours.second)
    canvas.disc((centre[0] - 6, centre[1] - 6), 5, colours.ink)
    return Spot.BOTTOM


def strata(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Layers like torn paper, the sun behind."""
    canvas.disc((dice.uniform(50, 150), dice.uniform(138, 156)), dice.uniform(26, 38), colours.first)
    for layer, fill in enumerate((colours.second, colours.third, colours.first, colours.ink)):
        y = 160 + layer * 34
        a, b, c = (dice.uniform(-30, 30) for _ in range(3))
        canvas.path(
            f"M0 {y + a:.0f}C50 {y + a - 34:.0f} 60 {y + b + 30:.0f} 100 {y + b:.0f}"
            f"S160 {y + c - 30:.0f} 200 {y + c:.0f}V300H0Z",
            fill,
        )
    return Spot.TOP


def halves(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Two halves of a disc that slipped."""
    turn, slip = dice.choice((0, 45, 90, 135)), dice.uniform(16, 34)
    fills = dice.sample((colours.first, colours.second, colours.third), 2)
    canvas.half_disc(polar((100, 104), slip, turn + 90), 70, turn, fills[0])
    canvas.half_disc(polar((100, 104), slip, turn - 90), 70, turn + 180, fills[1])
    small = polar((100, 104), slip, turn + 90)
    canvas.disc(polar(small, 30, turn), 13, colours.ground)
    return Spot.BOTTOM


def overlap(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Two discs and what they share."""
    turn, radius, apart = dice.uniform(-40, 40), 62, dice.uniform(34, 44)
    left, right = polar((100, 104), apart, turn + 180), polar((100, 104), apart, turn)
    canvas.disc(left, radius, colours.first)
    canvas.disc(right, radius, colours.second)
    half = (radius**2 - apart**2) ** 0.5
    top, bottom = polar((100, 104), half, turn - 90), polar((100, 104), half, turn + 90)
    canvas.path(
        f"M{top[0]:.1f} {top[1]:.1f}A{radius} {radius} 0 0 1 {bottom[0]:.1f} {bottom[1]:.1f}"
        f"A{radius} {radius} 0 0 1 {top[0]:.1f} {top[1]:.1f}Z",
        colours.third,
    )
    return Spot.BOTTOM


def leaves(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A sprig of leaves."""
    canvas.curve("M100 300C96 240 104 190 100 124", 3, colours.first)
    fills = (colours.first, colours.second, colours.third)
    start = dice.randrange(3)
    for pair in range(4):
        y, size = 268 - pair * 40, 46 - pair * 6
        for side in (-1, 1):
            fill = fills[(start + pair + (side > 0)) % 3]
            centre = (100 + side * size * 0.78, y - size * 0.45)
            canvas.ellipse(centre, (size * 0.9, size * 0.34), side * -32, fill)
    canvas.ellipse((100, 124), (10, 22), 0, fills[(start + 1) % 3])
    return Spot.TOP


def vertigo(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Squares that turn as they shrink."""
    turn, twist = dice.uniform(0, 90), dice.choice((-9, 9, 12))
    centre = (100, 214)
    fills = (colours.first, colours.ground, colours.second, colours.ground)
    for step in range(13):
        radius = 132 * 0.84**step
        corners = [polar(centre, radius, turn + step * twist + corner * 90) for corner in range(4)]
        canvas.polygon(corners, fills[step % 4])
    canvas.disc(centre, 8, colours.third)
    canvas.rect(0, 0, WIDTH, 108, colours.ground)
    return Spot.TOP


def shards(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Broken glass around a point."""
    centre = (dice.uniform(70, 130), dice.uniform(85, 115))
    angle, end = dice.uniform(0, 40), 0.0
    fills = (colours.first, colours.second, colours.third)
    count = 0
    while end < 360:
        width = dice.uniform(16, 38)
        inner = dice.uniform(6, 26)
        outer = dice.uniform(90, 260)
        points = (
            polar(centre, inner, angle + end),
            polar(centre, outer, angle + end + 2),
            polar(centre, outer * dice.uniform(0.7, 1), angle + end + width - 3),
        )
        canvas.polygon(points, fills[count % 3])
        end, count = end + width, count + 1
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    return Spot.BOTTOM


def maze(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Rings with gaps, something at the centre."""
    centre = (100, 206)
    for ring in range(5):
        radius = 22 + ring * 17
        gap = dice.uniform(40, 90) * 40 / radius
        start = dice.uniform(0, 360)
        a, b = polar(centre, radius, start), polar(centre, radius, start - gap)
        canvas.curve(
            f"M{a[0]:.1f} {a[1]:.1f}A{radius} {radius} 0 1 1 {b[0]:.1f} {b[1]:.1f}",
            7,
            (colours.second, colours.first)[ring % 2],
        )
    canvas.disc(centre, 8, colours.third)
    return Spot.TOP
