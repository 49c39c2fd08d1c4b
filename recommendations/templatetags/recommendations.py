"""Template tags that bring recommendations into pages of the catalogue."""

from django import template

from catalog.cards import MovieCard
from catalog.models import Movie, User
from recommendations.predictions import predict_stars
from recommendations.similar import similar_movies as find_similar_movies

register = template.Library()


@register.simple_tag
def similar_movies(movie: Movie, limit: int = 12) -> list[MovieCard]:
    """`{% similar_movies movie as movies %}`"""
    return find_similar_movies(movie, limit=limit)


@register.simple_tag
def predicted_stars(user: User, movie: Movie) -> float | None:
    """`{% predicted_stars user movie as expected %}`; None when there is nothing to predict from."""
    return predict_stars(user, movie)
