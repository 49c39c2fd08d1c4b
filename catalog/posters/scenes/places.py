"""Scenes of places: landscapes, roads and rooms."""

from random import Random

from catalog.posters.canvas import HEIGHT, WIDTH, Canvas
from catalog.posters.palette import Palette
from catalog.posters.scenes.spot import Spot


def peaks(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Mountains with snow, one range before the other."""
    canvas.disc((dice.uniform(44, 156), dice.uniform(140, 160)), dice.uniform(22, 34), colours.first)
    for depth, fill in enumerate((colours.second, colours.third)):
        for x in (dice.uniform(0, 60), dice.uniform(80, 130), dice.uniform(150, 200)):
            top, spread = dice.uniform(142, 186) + depth * 46, dice.uniform(70, 100)
            canvas.polygon(((x - spread, 301), (x, top), (x + spread, 301)), fill)
            if not depth:
                slope = spread / (301 - top) * 22
                snow = ((x - slope, top + 22), (x, top), (x + slope, top + 22), (x, top + 14))
                canvas.polygon(snow, colours.ink)
    return Spot.TOP


def waves(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A sea and a sail."""
    canvas.disc((dice.uniform(50, 150), 164), 40, colours.first)
    x = dice.uniform(70, 120)
    canvas.polygon(((x, 134), (x, 204), (x + 40, 204)), colours.ink)
    canvas.polygon(((x - 5, 150), (x - 5, 204), (x - 30, 204)), colours.ink)
    for row, fill in enumerate((colours.second, colours.third, colours.second, colours.third)):
        y, shift = 206 + row * 24, dice.uniform(-40, 0)
        steps = "".join(f"q20 {-14 if row % 2 else -10} 40 0" for _ in range(7))
        canvas.path(f"M{shift:.0f} {y}{steps}V300H-40Z", fill)
    return Spot.TOP


def road(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A road to the horizon."""
    x = dice.uniform(70, 130)
    canvas.disc((x, 176), 46, colours.first)
    canvas.rect(0, 176, WIDTH, HEIGHT, colours.second)
    canvas.polygon(((x - 3, 176), (x + 3, 176), (176, 300), (24, 300)), colours.third)
    for near, far in ((0.12, 0.2), (0.3, 0.44), (0.58, 0.8), (0.95, 1.3)):
        top, bottom = 176 + 124 * near, 176 + 124 * far
        a, b = x + (100 - x) * near, x + (100 - x) * far
        canvas.polygon(
            ((a - 4 * near, top), (a + 4 * near, top), (b + 5 * far, bottom), (b - 5 * far, bottom)),
            colours.ink,
        )
    return Spot.TOP


def mesa(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Flat-topped rocks before a large sun."""
    canvas.disc((dice.uniform(60, 140), 186), 66, colours.first)
    for x in (dice.uniform(-30, 10), dice.uniform(110, 150)):
        top, width = dice.uniform(150, 200), dice.uniform(48, 70)
        canvas.polygon(
            ((x - 16, 262), (x, top), (x + width * 0.4, top - 5), (x + width, top), (x + width + 18, 262)),
            colours.second,
        )
    canvas.rect(0, 258, WIDTH, 60, colours.third)
    x = dice.uniform(40, 150)
    canvas.rect(x, 214, 9, 64, colours.ink, round_by=4.5)
    canvas.line(((x - 12, 226), (x - 12, 242), (x + 4, 242)), 7, colours.ink)
    canvas.line(((x + 21, 220), (x + 21, 236), (x + 4, 236)), 7, colours.ink)
    return Spot.TOP


def sunset(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A striped sun behind a plain, a rider's hat before it."""
    x = dice.uniform(70, 130)
    canvas.disc((x, 196), 78, colours.first)
    for step in range(6):
        canvas.rect(0, 176 + step * 15, WIDTH, 3 + step * 1.6, colours.ground)
    canvas.rect(0, 252, WIDTH, 60, colours.second)
    canvas.path(
        f"M{x - 46:.0f} 240q46 22 92 0q-8 16 -28 18h-36q-20 -2 -28 -18z"
        f"M{x - 22:.0f} 246q2 -40 12 -42q10 6 20 0q10 2 12 42z",
        colours.ink,
    )
    return Spot.TOP


def grid(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A striped sun over a grid that runs away."""
    x = dice.uniform(80, 120)
    canvas.disc((x, 104), 62, colours.first)
    for step in range(5):
        canvas.rect(0, 94 + step * 13, WIDTH, 2 + step * 1.7, colours.ground)
    canvas.rect(0, 142, WIDTH, 56, colours.third)
    for column in range(-7, 8):
        canvas.line(((x + column * 14, 142), (x + column * 52, 198)), 1.2, colours.second)
    for y in (142, 147, 155, 167, 183):
        canvas.rect(0, y, WIDTH, 1.2, colours.second)
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    return Spot.BOTTOM


def doorway(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Arches within arches, somebody at the end."""
    fills = (colours.first, colours.second, colours.third, colours.ground)
    shift = dice.uniform(-7, 7)
    for step, fill in enumerate(fills):
        half = 84 - step * 21
        canvas.rect(100 - half + shift * step, 112 + step * 22, half * 2, 300, fill, round_by=half)
    x = 100 + shift * 3
    canvas.disc((x, 246), 6, colours.ink)
    canvas.rect(x - 6, 254, 12, 60, colours.ink, round_by=6)
    return Spot.TOP


def window(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A window whose light falls into the room."""
    x = dice.uniform(26, 70)
    lean = dice.uniform(20, 46)
    canvas.polygon(((x, 150), (x + 84, 150), (x + 84 + lean, 198), (x + lean, 198)), colours.third)
    canvas.rect(x, 22, 84, 128, colours.first)
    canvas.disc((x + dice.uniform(24, 60), 100), 22, colours.third)
    canvas.path(f"M{x:.1f} 150V120q24 -18 44 -4t40 -8V150z", colours.second)
    canvas.rect(x + 39, 22, 6, 128, colours.ground)
    canvas.rect(x, 78, 84, 6, colours.ground)
    canvas.rect(x - 8, 146, 100, 6, colours.ink)
    return Spot.BOTTOM


def stairs(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Steps up, a disc upon one of them."""
    mirrored = dice.random() < 0.5
    fills = (colours.first, colours.second, colours.third)
    stands = dice.randrange(1, 4)
    for step in range(5):
        x = 160 - step * 40 if mirrored else step * 40
        top = 268 - step * 32
        canvas.rect(x, top, 40.5, 300 - top, fills[step % 3])
        if step == stands:
            canvas.disc((x + 20, top - 17), 17, colours.ink)
    return Spot.TOP


def barbs(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A low sun behind wire."""
    canvas.disc((dice.uniform(60, 140), 206), 60, colours.first)
    canvas.rect(0, 232, WIDTH, 80, colours.second)
    for post in (28, 100, 172):
        canvas.rect(post - 4, 150 + dice.uniform(-8, 8), 8, 160, colours.third)
    for y in (172, 202):
        sag = dice.uniform(6, 16)
        canvas.curve(f"M-4 {y}Q100 {y + sag:.0f} 204 {y}", 1.8, colours.ink)
        for x in range(16, 200, 24):
            drop = y + sag / 2 * (1 - ((x - 100) / 100) ** 2)
            canvas.line(((x - 4, drop - 4), (x + 4, drop + 4)), 1.8, colours.ink)
            canvas.line(((x - 4, drop + 4), (x + 4, drop - 4)), 1.8, colours.ink)
    return Spot.TOP
