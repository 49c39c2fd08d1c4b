"""Where on the sheet the title goes."""

from enum import Enum


class Spot(Enum):
    """First and last unit from the top of the plain ground that a scene leaves for the title."""

    TOP = (15, 101)
    BOTTOM = (210, 288)
