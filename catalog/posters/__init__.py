"""Poster stand-ins: since no images are shipped, each movie's poster is drawn from its title, year and genres.

`draw_poster` is the way in. Knows nothing of Django, the database or the web.
"""

from catalog.posters.poster import draw_poster

__all__ = ["draw_poster"]
