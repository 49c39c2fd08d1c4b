"""Poster stand-ins: no images are shipped, so a poster is drawn from the title, year and genres.

`draw_poster` is the way in. Knows nothing of Django, the database or the web.
"""

from catalog.posters.poster import draw_poster

__all__ = ["draw_poster"]
