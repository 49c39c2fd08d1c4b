from catalog.models.genre import Genre
from catalog.models.mark import Mark
from catalog.models.movie import Movie, MovieChange, MovieQuerySet
from catalog.models.rating import Rating, RatingQuerySet
from catalog.models.user import User

__all__ = [
    "Genre",
    "Mark",
    "Movie",
    "MovieChange",
    "MovieQuerySet",
    "Rating",
    "RatingQuerySet",
    "User",
]
