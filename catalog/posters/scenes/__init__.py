"""The pictures of posters: which scenes suit which genre.

A scene is a function `(canvas, colours, dice) -> place`: it draws the picture and says at which end of
the sheet it left the plain ground for the title.
"""

from collections.abc import Callable
from random import Random

from catalog.posters.canvas import Canvas
from catalog.posters.palette import Palette
from catalog.posters.scenes import geometry, nights, places, stage, things
from catalog.posters.scenes.spot import Spot

Scene = Callable[[Canvas, Palette, Random], Spot]

SCENES: dict[str, tuple[Scene, ...]] = {
    "Action": (geometry.burst, geometry.speed, geometry.chevrons, things.bolt, nights.skyline),
    "Adventure": (places.peaks, places.waves, places.road, things.balloon),
    "Animation": (stage.creatures, geometry.tiles, stage.rainbow, things.balloon),
    "Children": (stage.creatures, stage.rainbow, geometry.tiles, things.balloon, stage.bounce),
    "Comedy": (stage.confetti, stage.grin, geometry.tiles, stage.bounce, things.faces, things.popcorn),
    "Crime": (nights.slats, geometry.target, nights.skyline, things.hat, things.shadow),
    "Documentary": (geometry.halftone, geometry.aperture, geometry.strata),
    "Drama": (
        places.doorway,
        places.window,
        places.stairs,
        geometry.halves,
        geometry.strata,
        geometry.leaves,
        things.umbrella,
        things.shadow,
    ),
    "Fantasy": (nights.moon, nights.castle, nights.constellation),
    "Film-Noir": (nights.spotlight, nights.slats, nights.skyline, things.hat),
    "Horror": (nights.teeth, nights.drips, nights.eye, things.house, things.ghost),
    "Musical": (stage.bars, stage.record, stage.curtain),
    "Mystery": (nights.keyhole, nights.eye, geometry.maze, things.hat),
    "Romance": (geometry.overlap, stage.flower, geometry.leaves, things.heart, things.faces),
    "Sci-Fi": (nights.planet, nights.portal, places.grid, things.rocket, things.robot),
    "Thriller": (geometry.vertigo, geometry.shards, geometry.target, things.shadow, things.bolt),
    "War": (nights.searchlights, geometry.chevrons, places.barbs),
    "Western": (places.mesa, places.road, places.sunset),
}
SCENES["IMAX"] = SCENES["Documentary"]
SCENES["Children's"] = SCENES["Children"]
OTHER_SCENES: tuple[Scene, ...] = (geometry.halves, geometry.strata, geometry.overlap, stage.confetti)
