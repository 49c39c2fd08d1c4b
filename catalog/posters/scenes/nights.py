"""Scenes of the night: space, fear, crime and magic."""

from random import Random

from catalog.posters.canvas import HEIGHT, WIDTH, Canvas, polar
from catalog.posters.palette import Palette
from catalog.posters.scenes.spot import Spot


def _stars(canvas: Canvas, colour: str, dice: Random, *, count: int, top: float, bottom: float) -> None:
    for _ in range(count):
        canvas.disc((dice.uniform(6, 194), dice.uniform(top, bottom)), dice.choice((0.7, 0.9, 1.5)), colour)


def _sparkle(canvas: Canvas, colour: str, x: float, y: float, size: float) -> None:
    """A star of four points."""
    w = size * 0.16
    canvas.polygon(
        (
            (x, y - size),
            (x + w, y - w),
            (x + size, y),
            (x + w, y + w),
            (x, y + size),
            (x - w, y + w),
            (x - size, y),
            (x - w, y - w),
        ),
        colour,
    )


def planet(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A planet with its rings, and a moon."""
    _stars(canvas, colours.ink, dice, count=36, top=108, bottom=296)
    centre, radius = (dice.uniform(70, 130), dice.uniform(200, 220)), dice.uniform(52, 64)
    lean = dice.uniform(-32, -12)
    canvas.disc(centre, radius, colours.first)
    canvas.half_disc(centre, radius, lean + 90, colours.third)
    canvas.orbit(centre, (radius * 1.62, radius * 0.36), lean, 3.2, colours.second)
    canvas.orbit(centre, (radius * 1.84, radius * 0.46), lean, 1.4, colours.second)
    start, end = polar(centre, radius, lean + 180), polar(centre, radius, lean)
    canvas.path(
        f"M{start[0]:.1f} {start[1]:.1f}A{radius:.1f} {radius:.1f} 0 0 1 {end[0]:.1f} {end[1]:.1f}Z",
        colours.first,
    )
    canvas.disc((200 - centre[0] + dice.uniform(-20, 20), 124), dice.uniform(6, 11), colours.third)
    return Spot.TOP


def portal(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Rings of light, one inside the other, and a traveller."""
    centre = (100, dice.uniform(98, 108))
    shift = dice.uniform(-5, 5)
    fills = (colours.second, colours.ground, colours.first, colours.ground, colours.third, colours.ground)
    for step, fill in enumerate(fills):
        canvas.disc((centre[0] + shift * step, centre[1]), 92 - step * 13, fill)
    core = (centre[0] + shift * 6, centre[1])
    canvas.disc(core, 18, colours.ink)
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    canvas.rect(core[0] - 3, centre[1] + 66, 6, 26, colours.ink, round_by=3)
    canvas.disc((core[0], centre[1] + 60), 4, colours.ink)
    return Spot.BOTTOM


def moon(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A crescent above hills."""
    _stars(canvas, colours.ink, dice, count=22, top=10, bottom=140)
    x, y = dice.uniform(78, 122), dice.uniform(76, 92)
    canvas.disc((x, y), 54, colours.first)
    canvas.disc((x + dice.choice((-24, 24)), y - 14), 46, colours.ground)
    for _ in range(4):
        _sparkle(canvas, colours.third, dice.uniform(20, 180), dice.uniform(20, 130), dice.uniform(5, 11))
    a = dice.uniform(130, 165)
    canvas.path(f"M0 {a:.0f}C60 {a - 30:.0f} 90 190 200 {300 - a:.0f}V198H0Z", colours.second)
    canvas.path("M0 178C70 150 130 200 200 168V198H0Z", colours.third)
    return Spot.BOTTOM


def castle(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Towers before a full moon."""
    canvas.disc((100, 196), 78, colours.first)
    x = 22.0
    while x < 170:
        width, height = dice.uniform(16, 28), dice.uniform(46, 120)
        fill = dice.choice((colours.second, colours.third))
        top = 300 - height
        canvas.rect(x, top, width, height, fill)
        if dice.random() < 0.65:
            roof = dice.uniform(20, 36)
            canvas.polygon(((x - 4, top), (x + width / 2, top - roof), (x + width + 4, top)), colours.ink)
        canvas.rect(x + width / 2 - 2, top + 12, 4, 9, colours.first, round_by=2)
        x += width
    canvas.path("M0 300V272C60 250 140 292 200 264V300Z", colours.ground)
    return Spot.TOP


def constellation(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Stars joined by lines."""
    _stars(canvas, colours.second, dice, count=40, top=8, bottom=196)
    points = [(26 + step * 30 + dice.uniform(-8, 8), dice.uniform(24, 178)) for step in range(6)]
    canvas.line(points, 1.6, colours.third)
    canvas.line((points[1], points[4]), 1.2, colours.third)
    for place, (x, y) in enumerate(points):
        if place % 3 == 1:
            canvas.disc((x, y), 15, colours.second)
        _sparkle(canvas, colours.first, x, y, dice.uniform(11, 20))
    return Spot.BOTTOM


def skyline(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A city with a few lit windows."""
    canvas.disc((dice.uniform(50, 150), 148), 34, colours.second)
    for depth, fill in enumerate((colours.third, colours.first)):
        x = -6.0
        while x < WIDTH:
            width = dice.uniform(20, 38)
            top = dice.uniform(132, 190) + depth * 44
            canvas.rect(x, top, width + 0.5, HEIGHT - top, fill)
            for _ in range(dice.randrange(4)):
                window = (x + 5 + dice.randrange(3) * 7, top + 8 + dice.randrange(4) * 11)
                canvas.rect(*window, 4, 6, colours.ground if depth else colours.second)
            x += width
    return Spot.TOP


def slats(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Light through a blind upon a face-like disc."""
    centre = (dice.uniform(80, 120), 108)
    canvas.disc(centre, 78, colours.first)
    canvas.half_disc(centre, 78, dice.choice((0, 180)), colours.second)
    lean = dice.uniform(-16, 16)
    for step in range(13):
        y = step * 17 - 6
        canvas.polygon(((0, y), (200, y + lean), (200, y + lean + 8), (0, y + 8)), colours.ground)
    canvas.disc((centre[0] + 22, 96), 9, colours.third)
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    return Spot.BOTTOM


def spotlight(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A lamp, its cone of light and somebody's shadow."""
    x = dice.uniform(60, 140)
    canvas.polygon(((x - 6, 0), (x + 6, 0), (x + 66, 182), (x - 66, 182)), colours.second)
    canvas.polygon(((x - 4, 0), (x + 4, 0), (x + 40, 182), (x - 40, 182)), colours.first)
    canvas.ellipse((x, 182), (66, 14), 0, colours.first)
    canvas.rect(x - 6, 112, 12, 70, colours.ground, round_by=6)
    canvas.disc((x, 104), 9, colours.ground)
    canvas.rect(x - 15, 98, 30, 3.4, colours.ground, round_by=1.7)
    canvas.rect(x - 8, 88, 16, 11, colours.ground, round_by=2)
    canvas.polygon(((x - 5, 180), (x + 5, 180), (x + 34, 198), (x + 8, 198)), colours.third)
    return Spot.BOTTOM


def teeth(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A mouth of teeth."""
    canvas.rect(0, 118, WIDTH, HEIGHT, colours.first)
    count = dice.choice((5, 6, 7))
    width = WIDTH / count
    for tooth in range(count):
        x, depth = tooth * width, dice.uniform(40, 70)
        canvas.polygon(((x, 117), (x + width / 2, 117 + depth), (x + width, 117)), colours.ink)
        canvas.polygon(((x, 301), (x + width / 2, 301 - depth), (x + width, 301)), colours.ink)
    canvas.disc((100, 208), dice.uniform(16, 22), colours.second)
    canvas.disc((100, 208), 7, colours.third)
    return Spot.TOP


def drips(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Something runs down."""
    canvas.rect(0, 0, WIDTH, 48, colours.first)
    x = 0.0
    while x < WIDTH:
        width, length = dice.uniform(12, 26), dice.uniform(50, 176)
        canvas.rect(x, 20, width, length, colours.first, round_by=width / 2)
        if dice.random() < 0.4:
            canvas.disc((x + width / 2, length + 20 + dice.uniform(6, 10)), width * 0.22, colours.first)
        x += width + dice.uniform(2, 10)
    canvas.ellipse((100, 46), (34, 17), 0, colours.third)
    canvas.disc((100, 46), 12, colours.second)
    canvas.disc((100, 46), 5, colours.ground)
    return Spot.BOTTOM


def eye(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """An eye that looks at you."""
    rays, turn = 18, dice.uniform(0, 20)
    for ray in range(rays):
        angle = turn + ray * 20
        canvas.polygon(
            ((100, 104), polar((100, 104), 150, angle), polar((100, 104), 150, angle + 7)), colours.second
        )
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    canvas.path("M8 104Q100 14 192 104Q100 194 8 104Z", colours.ink)
    look = dice.uniform(-14, 14)
    canvas.disc((100 + look, 104), 40, colours.first)
    canvas.disc((100 + look, 104), 19, colours.ground)
    canvas.disc((92 + look, 95), 6, colours.ink)
    return Spot.BOTTOM


def keyhole(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A keyhole, light behind it."""
    spread = dice.uniform(60, 90)
    canvas.rect(34, 112, 132, 300, colours.second, round_by=66)
    canvas.disc((100, 178), 38, colours.first)
    canvas.polygon(((86, 200), (114, 200), (100 + spread / 2, 300), (100 - spread / 2, 300)), colours.first)
    canvas.disc((100 + dice.uniform(-10, 10), 178), 15, colours.ground)
    canvas.rect(94, 186, 12, 58, colours.ground, round_by=6)
    canvas.disc((50, 206), 5, colours.third)
    canvas.disc((150, 206), 5, colours.third)
    return Spot.TOP


def searchlights(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Beams over a dark horizon."""
    for beam in range(3):
        x, lean = 40 + beam * 60, dice.uniform(-46, 46)
        fill = (colours.second, colours.third, colours.second)[beam]
        canvas.polygon(((x - 3, 262), (x + 3, 262), (x + lean + 24, 110), (x + lean - 24, 110)), fill)
    canvas.disc((dice.uniform(50, 150), 150), 17, colours.first)
    ridge = [(0, 300), (0, dice.uniform(246, 266))]
    ridge += [(x, dice.uniform(236, 270)) for x in range(20, 200, 20)] + [(200, 256), (200, 300)]
    canvas.polygon(ridge, colours.first)
    canvas.path("M0 300V278C70 262 120 292 200 274V300Z", colours.ground)
    return Spot.TOP
