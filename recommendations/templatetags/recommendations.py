"""Template tags that bring recommendations into pages of the catalogue."""

from django import template
from django.contrib.auth.models import AnonymousUser

from catalog.cards import MovieCard
from catalog.models import Invitation, Movie, User
from recommendations.hindsight import Hindsight, look_back
from recommendations.predictions import Prediction, predict_one
from recommendations.similar import similar_movies as find_similar_movies
from recommendations.taste_map.mapping import TasteMap
from recommendations.taste_map.mapping import taste_map as map_of

register = template.Library()


@register.simple_tag
def similar_movies(movie: Movie, reader: User | AnonymousUser, limit: int = 12) -> list[MovieCard]:
    """`{% similar_movies movie user as movies %}`"""
    return find_similar_movies(movie, limit=limit, reader=reader)


@register.simple_tag
def prediction(user: User, movie: Movie) -> Prediction | None:
    """`{% prediction user movie as expected %}`; None when there is nothing to predict from."""
    return predict_one(user, movie)


@register.simple_tag
def hindsight(user: User) -> Hindsight | None:
    """`{% hindsight user as hindsight %}`; None when there is nothing to look back at."""
    return look_back(user)


@register.simple_tag
def taste_map(user: User) -> TasteMap | None:
    """`{% taste_map user as map %}`; None while no model answers."""
    return map_of(user)


@register.simple_tag
def waiting_invitations(user: User) -> list[Invitation]:
    """Invitations to watch together that `user` has not answered; one query."""
    return list(Invitation.objects.waiting_for(user))
