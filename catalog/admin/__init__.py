"""The operator's panel of the catalogue."""

from catalog.admin.genre import GenreAdmin
from catalog.admin.mark import MarkAdmin
from catalog.admin.movie import MovieAdmin
from catalog.admin.rating import RatingAdmin
from catalog.admin.user import UserAdmin
from catalog.admin.watch_group import WatchGroupAdmin

__all__ = ["GenreAdmin", "MarkAdmin", "MovieAdmin", "RatingAdmin", "UserAdmin", "WatchGroupAdmin"]
