"""Scenes of play: comedy, music, children's movies."""

from random import Random

from catalog.posters.canvas import HEIGHT, WIDTH, Canvas, polar
from catalog.posters.palette import Palette
from catalog.posters.scenes.spot import Spot


def confetti(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Cut paper, thrown into the air."""
    fills = (colours.first, colours.second, colours.third, colours.ink)
    for row in range(4):
        for column in range(4):
            centre = (24 + column * 50 + dice.uniform(-10, 10), 26 + row * 48 + dice.uniform(-8, 8))
            fill = fills[(row + column * 2 + dice.randrange(2)) % 4]
            size, turn = dice.uniform(12, 20), dice.uniform(0, 360)
            shape = dice.randrange(4)
            if shape == 0:
                canvas.disc(centre, size * 0.8, fill)
            elif shape == 1:
                canvas.half_disc(centre, size, turn, fill)
            elif shape == 2:
                canvas.polygon((polar(centre, size, turn + corner * 120) for corner in range(3)), fill)
            else:
                canvas.line((polar(centre, size, turn), polar(centre, size, turn + 180)), 9, fill)
    return Spot.BOTTOM


def grin(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A wide smile."""
    y, lean = 96, dice.uniform(-14, 14)
    canvas.disc((100, 102), 86, colours.first)
    canvas.half_disc((100, y + 12), 58, 90 + lean, colours.third)
    canvas.half_disc((100, y + 12), 34, 90 + lean, colours.second)
    wink = dice.random() < 0.4
    canvas.disc((68, 72), 11, colours.ink)
    if wink:
        canvas.line(((122, 72), (146, 72)), 7, colours.ink)
    else:
        canvas.disc((132, 72), 11, colours.ink)
    return Spot.BOTTOM


def bounce(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A ball and the arcs of its way."""
    x, fills = -30.0, (colours.first, colours.second, colours.third)
    for step, radius in enumerate((66, 48, 36, 26, 18)):
        canvas.half_disc((x + radius, 300), radius, -90, fills[step % 3])
        canvas.half_disc((x + radius, 300), radius * 0.56, -90, colours.ground)
        x += radius * 1.5
    canvas.disc((dice.uniform(110, 156), dice.uniform(150, 190)), dice.uniform(24, 34), colours.ink)
    return Spot.TOP


def creatures(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Round beings that look around."""
    fills = [colours.first, colours.second, colours.third]
    dice.shuffle(fills)
    places = ((52, 226, 62), (150, 246, 58), (104, 290, 54))
    for (x, y, usual), fill in zip(places, fills, strict=True):
        radius = usual + dice.uniform(-6, 6)
        canvas.rect(x - radius, y - radius, radius * 2, 200, fill, round_by=radius)
        look = dice.uniform(-4, 4)
        for side in (-1, 1):
            eye = (x + side * radius * 0.3, y - radius * 0.42)
            canvas.disc(eye, radius * 0.22, "#ffffff")
            canvas.disc((eye[0] + look, eye[1] + 1.5), radius * 0.11, "#17142b")
    return Spot.TOP


def rainbow(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Arcs in one another, and the sun."""
    x = dice.choice((0, 100, 200))
    canvas.disc((200 - x if x != 100 else dice.choice((30, 170)), 136), 20, colours.ink)
    for step, fill in enumerate(
        (colours.first, colours.second, colours.third, colours.ground, colours.first, colours.second)
    ):
        canvas.disc((x, 300), (186 if x != 100 else 156) - step * 25, fill)
    canvas.rect(0, 0, WIDTH, 108, colours.ground)
    return Spot.TOP


def bars(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Sound as bars."""
    fills = (colours.first, colours.second, colours.third)
    for column in range(8):
        height = dice.uniform(34, 150)
        x = 16 + column * 21.5
        canvas.rect(x, 190 - height, 16, height, fills[column % 3], round_by=8)
        canvas.disc((x + 8, 190 - height - 13), 5, colours.ink)
    return Spot.BOTTOM


def record(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A record and its grooves."""
    centre = (dice.choice((70, 100, 130)), 212)
    canvas.disc(centre, 96, colours.second)
    for radius in (84, 72, 60, 48):
        canvas.ring(centre, radius, 1.4, colours.ground)
    canvas.disc(centre, 34, colours.first)
    canvas.half_disc(centre, 34, dice.uniform(0, 360), colours.third)
    canvas.disc(centre, 6, colours.ground)
    return Spot.TOP


def curtain(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A stage between its curtains."""
    canvas.disc((100, 130), dice.uniform(38, 50), colours.third)
    for fold in range(4):
        reach = 70 - fold * 15
        for side in (0, 1):
            edge, inward = (0, reach) if not side else (WIDTH, WIDTH - reach)
            fill = (colours.first, colours.second)[fold % 2]
            canvas.path(f"M{edge} 0H{inward}Q{inward} 110 {edge} 176Z", fill)
    canvas.path(
        "M0 0H200V18q-20 20 -40 0q-20 20 -40 0q-20 20 -40 0q-20 20 -40 0q-20 20 -40 0z", colours.first
    )
    canvas.rect(0, 178, WIDTH, 8, colours.ink)
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    return Spot.BOTTOM


def flower(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A blossom."""
    centre, petals, turn = (100, 104), dice.choice((6, 8, 9)), dice.uniform(0, 60)
    for ring, (reach, fill) in enumerate(((52, colours.first), (34, colours.second))):
        for petal in range(petals):
            angle = turn + (petal + ring / 2) * 360 / petals
            canvas.ellipse(polar(centre, reach, angle), (reach * 0.72, 15 - ring * 3), angle, fill)
    canvas.disc(centre, 17, colours.third)
    canvas.disc(centre, 6, colours.ink)
    return Spot.BOTTOM
