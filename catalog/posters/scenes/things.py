"""Scenes of one thing each."""

from random import Random

from catalog.posters.canvas import HEIGHT, WIDTH, Canvas, polar
from catalog.posters.palette import Palette
from catalog.posters.scenes.spot import Spot

PAPER = "#fbf3e1"


def rocket(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A rocket on its way up."""
    for _ in range(34):
        canvas.disc((dice.uniform(6, 194), dice.uniform(6, 194)), dice.choice((0.7, 0.9, 1.5)), colours.ink)
    canvas.disc((dice.choice((36, 164)), dice.uniform(30, 60)), dice.uniform(14, 26), colours.second)
    canvas.path("M100 22C128 50 130 96 122 132H78C70 96 72 50 100 22Z", colours.ink)
    canvas.path("M78 92L54 132V152L80 132ZM122 92L146 132V152L120 132Z", colours.first)
    canvas.disc((100, 78), 13, colours.second)
    canvas.disc((100, 78), 8, colours.ground)
    canvas.rect(84, 132, 32, 8, colours.second)
    flame = dice.uniform(184, 197)
    canvas.polygon(((86, 140), (114, 140), (100, flame)), colours.first)
    canvas.polygon(((92, 140), (108, 140), (100, flame - 20)), colours.third)
    return Spot.BOTTOM


def robot(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """The head of a robot."""
    canvas.rect(97, 118, 6, 30, colours.second)
    canvas.disc((100, 118), 8, colours.third)
    canvas.rect(34, 144, 132, 104, colours.first, round_by=dice.choice((8, 22, 40)))
    canvas.rect(22, 178, 14, 36, colours.second, round_by=5)
    canvas.rect(164, 178, 14, 36, colours.second, round_by=5)
    for x in (70, 130):
        canvas.disc((x, 186), 20, colours.ink)
        canvas.disc((x + dice.uniform(-6, 6), 186), 9, colours.ground)
    for slot in range(5):
        canvas.rect(68 + slot * 13.5, 222, 9, 14, colours.ground, round_by=2)
    canvas.rect(70, 248, 60, 14, colours.second)
    canvas.rect(20, 262, 160, 60, colours.first, round_by=20)
    return Spot.TOP


def house(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A house on a hill, one window lit."""
    canvas.disc((dice.choice((64, 136)), 168), 56, colours.third)
    canvas.path("M0 300V262C50 222 150 222 200 262V300Z", colours.second)
    canvas.rect(66, 178, 68, 66, colours.first)
    canvas.polygon(((56, 180), (100, 136), (144, 180)), colours.first)
    canvas.rect(118, 140, 12, 30, colours.first)
    lit = dice.randrange(3)
    for number, x in enumerate((74, 93, 112)):
        canvas.rect(x, 192, 13, 18, colours.ink if number == lit else colours.ground)
    canvas.rect(92, 220, 16, 26, colours.ground, round_by=2)
    canvas.line(((22, 268), (22, 214), (8, 190)), 3, colours.first)
    canvas.line(((22, 232), (38, 204)), 3, colours.first)
    return Spot.TOP


def ghost(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A ghost under its sheet."""
    canvas.disc((100, 214), 84, colours.second)
    x = 100 + dice.uniform(-14, 14)
    canvas.path(f"M{x - 46:.0f} 301V190a46 46 0 0 1 92 0V301l-16 -16l-15 15l-15 -15l-15 15l-15 -15z", PAPER)
    look = dice.uniform(-6, 6)
    canvas.ellipse((x - 15 + look, 188), (7, 11), 0, "#191417")
    canvas.ellipse((x + 17 + look, 188), (7, 11), 0, "#191417")
    canvas.ellipse((x + 1 + look, 216), (6, 9), 0, colours.first)
    return Spot.TOP


def hat(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A hat and a collar, nobody between them."""
    canvas.rect(0, 0, WIDTH, 198, colours.second)
    lean = dice.uniform(-5, 5)
    canvas.disc((100 + lean * 4, 92), 70, colours.third)
    canvas.path("M62 76C62 26 88 20 100 30C112 20 138 26 138 76Z", colours.first)
    canvas.rect(61, 62, 78, 15, colours.ground)
    canvas.ellipse((100, 78), (66, 11), lean, colours.first)
    canvas.path("M20 198C28 158 60 146 78 138L100 168L122 138C140 146 172 158 180 198Z", colours.first)
    canvas.polygon(((78, 138), (100, 168), (92, 198), (60, 150)), colours.ground)
    canvas.polygon(((122, 138), (100, 168), (108, 198), (140, 150)), colours.ground)
    return Spot.BOTTOM


def shadow(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Somebody small with a long shadow."""
    canvas.rect(0, 0, WIDTH, 198, colours.second)
    x, reach = dice.uniform(60, 140), dice.choice((-90, 90))
    canvas.rect(0, 62, WIDTH, 136, colours.first)
    canvas.polygon(((x - 5, 88), (x + 5, 88), (x + reach + 34, 198), (x + reach - 22, 198)), colours.ground)
    canvas.rect(x - 6, 52, 12, 38, colours.ground, round_by=6)
    canvas.disc((x, 45), 7.5, colours.ground)
    canvas.disc((x - reach * 0.7, 34), 14, colours.third)
    return Spot.BOTTOM


def bolt(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Lightning before a disc."""
    canvas.disc((100, 210), 86, colours.first)
    lean = dice.uniform(-10, 10)
    for shift, fill in ((5, colours.second), (0, colours.ink)):
        canvas.polygon(
            (
                (118 + lean + shift, 112 + shift),
                (62 + shift, 218 + shift),
                (96 + shift, 218 + shift),
                (80 - lean + shift, 296 + shift),
                (142 + shift, 186 + shift),
                (106 + shift, 186 + shift),
            ),
            fill,
        )
    return Spot.TOP


def umbrella(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """An umbrella in the rain."""
    for _ in range(26):
        x, y = dice.uniform(4, 196), dice.uniform(6, 180)
        canvas.line(((x, y), (x - 4, y + 11)), 1.8, colours.second)
    canvas.half_disc((100, 110), 66, -90, colours.first)
    canvas.path("M78 110C80 70 90 50 100 44C110 50 120 70 122 110Z", colours.third)
    canvas.rect(98, 36, 4, 10, colours.ink, round_by=2)
    canvas.curve("M100 110V172q0 14 13 14t13 -13", 4.5, colours.ink)
    return Spot.BOTTOM


def heart(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A heart of two halves, rings around it."""
    for radius, fill in ((104, colours.second), (84, colours.ground), (70, colours.second)):
        canvas.disc((100, 208), radius, fill)
    left, right = dice.sample((colours.first, colours.third), 2)
    canvas.path("M100 262C62 236 46 214 46 192C46 160 88 152 100 182Z", left)
    canvas.path("M100 262C138 236 154 214 154 192C154 160 112 152 100 182Z", right)
    canvas.rect(0, 0, WIDTH, 102, colours.ground)
    return Spot.TOP


def faces(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Two who look at each other."""
    fills = dice.sample((colours.first, colours.second, colours.third), 2)
    for side, fill in zip((-1, 1), fills, strict=True):
        x, y = 100 + side * 50, 92 + dice.uniform(-10, 10)
        canvas.disc((x, y), 44, fill)
        canvas.polygon(((x - side * 38, y - 10), (x - side * 54, y + 10), (x - side * 38, y + 12)), fill)
        canvas.disc((x - side * 16, y - 10), 6, colours.ink)
        canvas.rect(x - side * 22 - 11, y + 19, 22, 5, colours.ink, round_by=2.5)
        canvas.half_disc((x, 198), 52, -90, fill)
    canvas.rect(0, 198, WIDTH, HEIGHT, colours.ground)
    return Spot.BOTTOM


def popcorn(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """Popcorn in its striped box."""
    for _ in range(16):
        centre = (dice.uniform(58, 142), dice.uniform(142, 186))
        for puff in range(3):
            canvas.disc(polar(centre, 6, puff * 120 + dice.uniform(0, 90)), 8, PAPER)
        canvas.disc(centre, 4, colours.third)
    canvas.polygon(((44, 184), (156, 184), (142, 301), (58, 301)), colours.first)
    for stripe in (0, 2, 4):
        a, b = 44 + stripe * 22.4, 58 + stripe * 16.8
        canvas.polygon(((a, 184), (a + 22.4, 184), (b + 16.8, 301), (b, 301)), colours.second)
    return Spot.TOP


def balloon(canvas: Canvas, colours: Palette, dice: Random) -> Spot:
    """A balloon among clouds."""
    x = dice.uniform(80, 120)
    for cloud_x, cloud_y in ((dice.uniform(0, 40), 150), (dice.uniform(140, 180), 44)):
        canvas.rect(cloud_x - 10, cloud_y, 56, 16, PAPER, round_by=8)
        canvas.disc((cloud_x + 16, cloud_y), 12, PAPER)
    canvas.disc((x, 80), 58, colours.first)
    canvas.ellipse((x, 80), (36, 58), 0, colours.second)
    canvas.ellipse((x, 80), (14, 58), 0, colours.third)
    canvas.line(((x - 34, 126), (x - 10, 166)), 1.4, colours.ink)
    canvas.line(((x + 34, 126), (x + 10, 166)), 1.4, colours.ink)
    canvas.rect(x - 12, 164, 24, 20, colours.second, round_by=4)
    return Spot.BOTTOM
