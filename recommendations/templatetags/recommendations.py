"""Template tags that bring recommendations into pages of the catalogue."""

from django import template

from catalog.cards import MovieCard
from catalog.models import Movie
from recommendations.similar import similar_movies as find_similar_movies

register = template.Library()


@register.simple_tag
def similar_movies(movie: Movie, limit: int = 12) -> list[MovieCard]:
    """`{% similar_movies movie as movies %}`"""
    return find_similar_movies(movie, limit=limit)
